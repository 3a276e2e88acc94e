// Reads manifests from standard input and decodes each strictly into its type of the Kubernetes API: a field that the
// type does not have, a value of another type and a field given twice are errors. Prints the kinds it has read.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"
)

func main() {
	decoder := json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme.Scheme, scheme.Scheme,
		json.SerializerOptions{Yaml: true, Strict: true})
	documents := yaml.NewYAMLReader(bufio.NewReader(os.Stdin))
	failed := false
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		kind, err := json.DefaultMetaFactory.Interpret(asJSON(document))
		if err != nil || kind.Kind == "" {
			continue
		}
		if _, _, err := decoder.Decode(document, nil, nil); runtime.IsNotRegisteredError(err) {
			fmt.Printf("%s not-a-kind-of-kubernetes\n", kind.Kind)
		} else if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", kind.Kind, err)
			failed = true
		} else {
			fmt.Printf("%s ok\n", kind.Kind)
		}
	}
	if failed {
		os.Exit(1)
	}
}

func asJSON(document []byte) []byte {
	converted, err := yaml.ToJSON(document)
	if err != nil {
		return document
	}
	return converted
}
