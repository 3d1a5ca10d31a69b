// Connects as an API server does, by Go's crypto/tls with a caBundle of its own, and prints what came of it.
//
//	go run ./handshake <host:port> <server name> < ca-bundle.pem
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"os"
)

func main() {
	bundle, err := io.ReadAll(os.Stdin)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(bundle) {
		fmt.Println("no certificate in the bundle")
		os.Exit(1)
	}
	connection, err := tls.Dial("tcp", os.Args[1], &tls.Config{RootCAs: roots, ServerName: os.Args[2]})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	leaf := connection.ConnectionState().PeerCertificates[0]
	connection.Close()
	fmt.Printf("trusted: %s, signed by %s\n", leaf.Subject, leaf.Issuer)
}
