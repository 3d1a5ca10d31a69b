// judge asks KServe's own packages what becomes of a service. It reads cases as JSON, one a line, and answers each
// with one line: what KServe's webhooks say, what its controller reports, and what it creates and deletes.
//
// There is one set of sources for all releases. The module file decides which release is built:
//
//	go build -modfile=0.19.0/go.mod -tags kserve_0_19
//
// Its one argument is KServe's inferenceservice-config, as that release ships it.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/yaml"
)

func main() {
	ctrl.SetLogger(logr.Discard())
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve() error {
	if len(os.Args) != 2 {
		return fmt.Errorf("usage: judge inferenceservice.yaml")
	}
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		return err
	}
	shipped := corev1.ConfigMap{}
	if err := yaml.Unmarshal(text, &shipped); err != nil {
		return err
	}
	judge, err := newJudge(shipped.Data)
	if err != nil {
		return err
	}
	input := json.NewDecoder(bufio.NewReader(os.Stdin))
	output := json.NewEncoder(os.Stdout)
	for input.More() {
		var question Case
		if err := input.Decode(&question); err != nil {
			return err
		}
		if err := output.Encode(judge.verdict(question)); err != nil {
			return err
		}
	}
	return nil
}
