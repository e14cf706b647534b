package main

import (
	"flag"
	"log"
	"os"
	"os/signal"
	"syscall"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/hooks/auth"
	"github.com/mochi-mqtt/server/v2/hooks/storage/bolt"
	"github.com/mochi-mqtt/server/v2/listeners"
)

func main() {
	address := flag.String("address", "127.0.0.1:1883", "address to listen on")
	path := flag.String("path", "", "file of the sessions; none: they are lost at the end")
	expiry := flag.Uint("expiry", 1<<32-1, "seconds that sessions are kept at most")
	inflight := flag.Uint("inflight", 1024, "messages in flight to and from a client at most")
	flag.Parse()
	options := &mqtt.Options{Capabilities: mqtt.NewDefaultServerCapabilities()}
	options.Capabilities.MaximumSessionExpiryInterval = uint32(*expiry)
	options.Capabilities.ReceiveMaximum = uint16(*inflight)
	server := mqtt.New(options)
	_ = server.AddHook(new(auth.AllowHook), nil)
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
