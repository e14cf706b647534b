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
)

// access allows everything, but no subscription while a file is there.
type access struct {
	auth.AllowHook
	refuses string
}

func (h *access) OnACLCheck(_ *mqtt.Client, topic string, write bool) bool {
	if write || h.refuses == "" || !strings.ContainsAny(topic, "#+") {
		return true
	}
	_, err := os.Stat(h.refuses)
	return err != nil
}

func main() {
	address := flag.String("address", "127.0.0.1:1883", "address to listen on")
	path := flag.String("path", "", "file of the sessions; none: they are lost at the end")
	expiry := flag.Uint("expiry", 1<<32-1, "seconds that sessions are kept at most")
	inflight := flag.Uint("inflight", 1024, "messages in flight to and from a client at most")
	share := flag.Bool("share", true, "whether subscriptions may be shared")
	qos := flag.Uint("qos", 2, "quality of service at most")
	refuses := flag.String("refuses", "", "file that has subscriptions refused while it is there")
	flag.Parse()
	options := &mqtt.Options{Capabilities: mqtt.NewDefaultServerCapabilities()}
	options.Capabilities.MaximumSessionExpiryInterval = uint32(*expiry)
	options.Capabilities.ReceiveMaximum = uint16(*inflight)
	options.Capabilities.MaximumQos = byte(*qos)
	if !*share {
		options.Capabilities.SharedSubAvailable = 0
	}
	server := mqtt.New(options)
	_ = server.AddHook(&access{refuses: *refuses}, nil)
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
