// Prints how kubectl reads each line of its standard input as a YAML value, one JSON pair a line: the line and
// the value. Lines that it refuses are told on standard error. Of a list of scalars the output is
// test/fixtures/yaml-scalars.json; of strings as src/cli/shared/yaml-write.ts writes them, test/fixtures/yaml-strings.json.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"

	"sigs.k8s.io/yaml"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	fmt.Print("[")
	separator := "\n"
	for lines.Scan() {
		document, err := yaml.YAMLToJSON([]byte("a: " + lines.Text() + "\n"))
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", lines.Text(), err)
			continue
		}
		var value struct {
			A json.RawMessage `json:"a"`
		}
		if err := json.Unmarshal(document, &value); err != nil {
			panic(err)
		}
		fmt.Printf("%s  [%s, %s]", separator, encoded(lines.Text()), value.A)
		separator = ",\n"
	}
	fmt.Print("\n]\n")
}

// Like JSON.stringify: without escapes for HTML.
func encoded(text string) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		panic(err)
	}
	return string(bytes.TrimSpace(out.Bytes()))
}
