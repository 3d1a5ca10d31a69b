// Prints how Kubernetes reads each quantity of its standard input, one JSON string or number a line: the
// value in units of 1e-9, or null where it is refused. The output is test/fixtures/quantities.json.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/big"
	"os"

	"gopkg.in/inf.v0"
	"k8s.io/apimachinery/pkg/api/resource"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	fmt.Println("[")
	for first := true; lines.Scan(); first = false {
		if !first {
			fmt.Println(",")
		}
		var quantity resource.Quantity
		nano := "null"
		if err := json.Unmarshal(lines.Bytes(), &quantity); err == nil {
			scaled := new(inf.Dec).Round(quantity.AsDec(), 9, inf.RoundUp)
			nano = `"` + new(big.Int).Set(scaled.UnscaledBig()).String() + `"`
		}
		fmt.Printf("  { \"given\": %s, \"nano\": %s }", lines.Text(), nano)
	}
	fmt.Println("\n]")
}
