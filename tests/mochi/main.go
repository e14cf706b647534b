package main

import (
	"flag"
	"log"
	"os"
	"os/signal"
	"strings"
	"syscall"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/hooks/auth"
	"github.com/mochi-mqtt/server/v2/hooks/storage/bolt"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"
)

// access allows everything but what options say.
type access struct {
	auth.AllowHook
	refuses string
	share   string
}

func (h *access) Provides(b byte) bool {
	return b == mqtt.OnPacketEncode || h.AllowHook.Provides(b)
}

func (h *access) OnACLCheck(_ *mqtt.Client, topic string, write bool) bool {
	if write || !strings.ContainsAny(topic, "#+") {
		return true
	}
	if h.share != "yes" && mqtt.IsSharedFilter(topic) {
		return false
	}
	_, err := os.Stat(h.refuses)
	return h.refuses == "" || err != nil
}

// The broker itself heeds SharedSubAvailable nowhere.
func (h *access) OnPacketEncode(_ *mqtt.Client, pk packets.Packet) packets.Packet {
	if h.share == "denied" && pk.FixedHeader.Type == packets.Connack {
		pk.Properties.SharedSubAvailable, pk.Properties.SharedSubAvailableFlag = 0, true
	}
	return pk
}

func main() {
	address := flag.String("address", "127.0.0.1:1883", "address to listen on")
	path := flag.String("path", "", "file of the sessions; none: they are lost at the end")
	expiry := flag.Uint("expiry", 1<<32-1, "seconds that sessions are kept at most")
	inflight := flag.Uint("inflight", 1024, "messages in flight to and from a client at most")
	share := flag.String("share", "yes", "whether subscriptions may be shared: yes, denied at once, or refused when asked")
	qos := flag.Uint("qos", 2, "quality of service at most")
	refuses := flag.String("refuses", "", "file that has subscriptions refused while it is there")
	flag.Parse()
	options := &mqtt.Options{Capabilities: mqtt.NewDefaultServerCapabilities()}
	options.Capabilities.MaximumSessionExpiryInterval = uint32(*expiry)
	options.Capabilities.ReceiveMaximum = uint16(*inflight)
	options.Capabilities.MaximumQos = byte(*qos)
	server := mqtt.New(options)
	_ = server.AddHook(&access{refuses: *refuses, share: *share}, nil)
	if *path != "" {
		if err := server.AddHook(new(bolt.Hook), &bolt.Options{Path: *path}); err != nil {
			log.Fatal(err)
		}
	}
	if err := server.AddListener(listeners.NewTCP(listeners.Config{ID: "tcp", Address: *address})); err != nil {
		log.Fatal(err)
	}
	if err := server.Serve(); err != nil {
		log.Fatal(err)
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGINT, syscall.SIGTERM)
	<-stop
	_ = server.Close()
}
