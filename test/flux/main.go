// flux reconciles manifests as Flux's kustomize-controller does, with the same module: it takes what is in Git from
// standard input, applies what has drifted by server-side apply, and deletes what an earlier revision had and this one
// has not.
//
//	flux KUBECONFIG diff < manifests          what would change
//	flux KUBECONFIG apply [EARLIER] < manifests  changes it, and prunes what only the file EARLIER has
//
// It prints a line of JSON for each object: what was done, and for diff which fields differ.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"reflect"
	"sort"

	"github.com/fluxcd/pkg/ssa"
	"github.com/fluxcd/pkg/ssa/normalize"
	"github.com/fluxcd/pkg/ssa/utils"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/tools/clientcmd"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/go-logr/logr"
)

// owner is who kustomize-controller is to the API server.
var owner = ssa.Owner{Field: "kustomize-controller", Group: "kustomize.toolkit.fluxcd.io"}

// result is what became of one object.
type result struct {
	Subject string   `json:"subject"`
	Action  string   `json:"action"`
	Fields  []string `json:"fields,omitempty"`
}

func main() {
	ctrl.SetLogger(logr.Discard())
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) < 2 {
		return fmt.Errorf("usage: flux KUBECONFIG diff|apply [EARLIER] < manifests")
	}
	config, err := clientcmd.BuildConfigFromFlags("", args[0])
	if err != nil {
		return err
	}
	config.QPS, config.Burst = 100, 100
	api, err := client.New(config, client.Options{})
	if err != nil {
		return err
	}
	manager := ssa.NewResourceManager(api, nil, owner)
	objects, err := read(manager, os.Stdin)
	if err != nil {
		return err
	}
	var results []result
	switch args[1] {
	case "diff":
		results, err = diff(ctx, manager, objects)
	case "apply":
		results, err = apply(ctx, manager, objects, args[2:])
	default:
		err = fmt.Errorf("unknown command %q", args[1])
	}
	if err != nil {
		return err
	}
	output := json.NewEncoder(os.Stdout)
	for _, one := range results {
		if err := output.Encode(one); err != nil {
			return err
		}
	}
	return nil
}

// read takes manifests as the controller does: normalized, and labelled as its own.
func read(manager *ssa.ResourceManager, from io.Reader) ([]*unstructured.Unstructured, error) {
	objects, err := utils.ReadObjects(from)
	if err != nil {
		return nil, err
	}
	if err := normalize.UnstructuredList(objects); err != nil {
		return nil, err
	}
	manager.SetOwnerLabels(objects, "models", "flux-system")
	return objects, nil
}

func diff(ctx context.Context, manager *ssa.ResourceManager, objects []*unstructured.Unstructured) ([]result, error) {
	var results []result
	for _, object := range objects {
		entry, live, merged, err := manager.Diff(ctx, object, ssa.DefaultDiffOptions())
		if err != nil {
			return nil, err
		}
		one := result{Subject: entry.Subject, Action: entry.Action.String()}
		if live != nil && merged != nil {
			one.Fields = differences("", live.Object, merged.Object)
		}
		results = append(results, one)
	}
	return results, nil
}

func apply(ctx context.Context, manager *ssa.ResourceManager, objects []*unstructured.Unstructured, earlier []string) ([]result, error) {
	changes, err := manager.ApplyAll(ctx, objects, ssa.DefaultApplyOptions())
	if err != nil {
		return nil, err
	}
	for _, path := range earlier {
		stale, err := onlyIn(manager, path, changes)
		if err != nil {
			return nil, err
		}
		deleted, err := manager.DeleteAll(ctx, stale, ssa.DefaultDeleteOptions())
		if err != nil {
			return nil, err
		}
		changes.Append(deleted.Entries)
	}
	var results []result
	for _, entry := range changes.Entries {
		results = append(results, result{Subject: entry.Subject, Action: entry.Action.String()})
	}
	return results, nil
}

// onlyIn returns the objects of a file that were not applied now.
func onlyIn(manager *ssa.ResourceManager, path string, applied *ssa.ChangeSet) ([]*unstructured.Unstructured, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	objects, err := read(manager, file)
	if err != nil {
		return nil, err
	}
	now := applied.ToMap()
	var stale []*unstructured.Unstructured
	for _, object := range objects {
		if _, there := now[utils.FmtUnstructured(object)]; !there {
			stale = append(stale, object)
		}
	}
	return stale, nil
}

// differences returns the paths of the fields in which two objects differ, without what every write changes.
func differences(path string, one, other any) []string {
	if path == "metadata.generation" || path == "metadata.resourceVersion" || reflect.DeepEqual(one, other) {
		return nil
	}
	left, isMap := one.(map[string]any)
	right, isMapToo := other.(map[string]any)
	if !isMap || !isMapToo {
		return []string{path}
	}
	keys := map[string]bool{}
	for key := range left {
		keys[key] = true
	}
	for key := range right {
		keys[key] = true
	}
	var found []string
	for key := range keys {
		below := key
		if path != "" {
			below = path + "." + key
		}
		found = append(found, differences(below, left[key], right[key])...)
	}
	sort.Strings(found)
	return found
}
