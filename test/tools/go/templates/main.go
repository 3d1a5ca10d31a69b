// Prints what Go's text/template makes of templates over the metadata of a service: of those on standard input, one JSON
// string a line, and of 900 that are put together at random from a fixed seed. `direct` is the template executed as it is,
// `container` the same as the only argument of a container, as KServe's ReplacePlaceholders does it: null where it
// succeeds, else Go's error. The output is test/fixtures/templates.json.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"text/template"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

var meta = metav1.ObjectMeta{
	Name:        "llm",
	Namespace:   "team",
	UID:         "1d3f",
	Generation:  3,
	Labels:      map[string]string{"team": "a"},
	Annotations: map[string]string{"plain": "x", "quoted": `say "x"`},
}

type container struct {
	Name    string   `json:"name"`
	Command []string `json:"command,omitempty"`
	Args    []string `json:"args,omitempty"`
}

func execute(text string) (string, error) {
	parsed, err := template.New("container-tmpl").Parse(text)
	if err != nil {
		return "", err
	}
	out := &bytes.Buffer{}
	err = parsed.Execute(out, meta)
	return out.String(), err
}

func inContainer(text string) error {
	data, err := json.Marshal(container{Name: "kserve-container", Args: []string{text}})
	if err != nil {
		return err
	}
	out, err := execute(string(data))
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(out), &container{})
}

// Pieces of templates: most random rows are nearly right.
var pieces = strings.Split(`.Name|.Namespace|.UID|.Generation|.Labels|.Labels.team|.Labels.none|.Annotations.plain|.Annotations.quoted|.Foo|.Name.x|.Finalizers|.|$|$x|$.Name|m.content|x|1|-2|0x1f|08|1.5|1_0|'a'|''|true|nil|"s"|"a\n"|` + "`raw`|`{{`|`a\"b`" + `|len|print|printf|eq|ne|lt|and|or|not|index|slice|html|js|urlquery|call|println|(|)|:=|=|,|||\|<|&&|%|if|else|else if|end|range|with|define|block|template|break|continue|é|/*c*/`, "|")

func random(from *rand.Rand) string {
	piece := func() string { return pieces[from.IntN(len(pieces))] }
	var text strings.Builder
	for range 1 + from.IntN(3) {
		text.WriteString([]string{"", "a ", "--x=", " "}[from.IntN(4)])
		open, end := []string{"{{", "{{ ", "{{- "}[from.IntN(3)], []string{"}}", " }}", " -}}"}[from.IntN(3)]
		switch from.IntN(6) {
		case 0:
			fmt.Fprintf(&text, "%s%s%s%s%s{{end}}", open, []string{"if ", "with ", "range "}[from.IntN(3)], piece(), end, action(piece, from))
		case 1:
			fmt.Fprintf(&text, "%s$x := %s%s%s", open, piece(), end, action(piece, from))
		default:
			fmt.Fprintf(&text, "%s%s%s", open, strings.TrimSuffix(strings.TrimPrefix(action(piece, from), "{{"), "}}"), end)
		}
	}
	return text.String()
}

func action(piece func() string, from *rand.Rand) string {
	words := make([]string, 1+from.IntN(3))
	for i := range words {
		words[i] = piece()
	}
	return "{{" + strings.Join(words, []string{" ", " ", " | ", ""}[from.IntN(4)]) + "}}"
}

func reason(err error) any {
	if err == nil {
		return nil
	}
	return strings.TrimPrefix(err.Error(), "template: container-tmpl:")
}

func main() {
	fmt.Print("[")
	separator := "\n"
	row := func(text string) {
		_, direct := execute(text)
		line := &bytes.Buffer{}
		encoder := json.NewEncoder(line)
		encoder.SetEscapeHTML(false)
		_ = encoder.Encode(map[string]any{"template": text, "direct": reason(direct), "container": reason(inContainer(text))})
		fmt.Print(separator, "  ", strings.TrimSpace(line.String()))
		separator = ",\n"
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var text string
		if err := json.Unmarshal(lines.Bytes(), &text); err != nil {
			panic(err)
		}
		row(text)
	}
	from := rand.New(rand.NewPCG(1, 2))
	for range 900 {
		row(random(from))
	}
	fmt.Println("\n]")
}
