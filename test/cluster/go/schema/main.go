// Writes schema.json and descriptions.json, what the embedded cluster knows of the types of the kinds it serves.
// Fields, types, protobuf numbers and merge keys come from the Go types; required fields and descriptions from the
// OpenAPI documents that Kubernetes publishes.
//
//	go run . FOLDER-OF-OPENAPI-V3 FOLDER-TO-WRITE-TO
package main

import (
	"bytes"
	"encoding/json"
	"log"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

var roots = []any{
	corev1.ConfigMapList{}, corev1.EventList{}, corev1.NamespaceList{}, corev1.NodeList{}, corev1.PodList{},
	corev1.ServiceAccountList{}, batchv1.JobList{}, coordinationv1.LeaseList{}, policyv1.Eviction{},
	metav1.DeleteOptions{}, metav1.Status{},
}

var documents = []string{"api__v1", "apis__batch__v1", "apis__coordination.k8s.io__v1", "apis__policy__v1"}

// Types that are no objects in JSON, or no objects of a known form.
var scalars = map[reflect.Type]string{
	reflect.TypeFor[metav1.Time]():          "time",
	reflect.TypeFor[metav1.MicroTime]():     "microTime",
	reflect.TypeFor[metav1.FieldsV1]():      "any",
	reflect.TypeFor[runtime.RawExtension](): "any",
	reflect.TypeFor[resource.Quantity]():    "quantity",
	reflect.TypeFor[intstr.IntOrString]():   "intOrString",
	reflect.TypeFor[[]byte]():               "bytes",
}

type field struct {
	Name string `json:"name,omitempty"`
	// A scalar, a model, or either after "[]" for a list and "{}" for a map.
	Type string `json:"type,omitempty"`
	// In protobuf; left out where the type has none.
	Number int `json:"number,omitempty"`
	// In protobuf a message of its own, in JSON fields of the type that it is in: its model.
	Inline string `json:"inline,omitempty"`
	// Not written in JSON when it is zero, though it is written in protobuf.
	OmitZero bool   `json:"omitZero,omitempty"`
	Merge    string `json:"patchStrategy,omitempty"`
	MergeKey string `json:"patchMergeKey,omitempty"`
}

type model struct {
	Required []string `json:"required,omitempty"`
	Fields   []field  `json:"fields"`
}

// Of a model, and of its fields by name.
type description struct {
	Text   string            `json:"text"`
	Fields map[string]string `json:"fields,omitempty"`
}

var (
	models       = map[string]*model{}
	descriptions = map[string]description{}
)

func nameOf(t reflect.Type) string {
	parts := strings.Split(t.PkgPath(), "/")
	domain := strings.Split(parts[0], ".")
	return strings.Join([]string{domain[1], domain[0], strings.Join(parts[1:], "."), t.Name()}, ".")
}

func typeOf(t reflect.Type) string {
	if name, ok := scalars[t]; ok {
		return name
	}
	switch t.Kind() {
	case reflect.Pointer:
		return typeOf(t.Elem())
	case reflect.Slice:
		return "[]" + typeOf(t.Elem())
	case reflect.Map:
		return "{}" + typeOf(t.Elem())
	case reflect.Struct:
		add(t)
		return nameOf(t)
	case reflect.Bool:
		return "boolean"
	case reflect.Int32, reflect.Int64, reflect.String:
		return t.Kind().String()
	case reflect.Float64:
		return "number"
	}
	log.Fatalf("no type in the schema for %s", t)
	return ""
}

func add(t reflect.Type) {
	name := nameOf(t)
	if models[name] != nil {
		return
	}
	found := &model{}
	models[name] = found
	found.Fields = fieldsOf(t)
}

func fieldsOf(t reflect.Type) (fields []field) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		number := numberOf(f)
		switch {
		case name == "-":
		case strings.Contains(options, "inline"):
			if number != 0 {
				add(f.Type)
				fields = append(fields, field{Number: number, Inline: nameOf(f.Type)})
			}
			// Their numbers are of their own message; TypeMeta is in none.
			for _, inlined := range fieldsOf(f.Type) {
				inlined.Number = 0
				fields = append(fields, inlined)
			}
		default:
			fields = append(fields, field{
				Name: name, Type: typeOf(f.Type), Number: number,
				OmitZero: hasZero(f.Type) && strings.Contains(options, "omitempty"),
				Merge:    f.Tag.Get("patchStrategy"), MergeKey: f.Tag.Get("patchMergeKey"),
			})
		}
	}
	return fields
}

// Whether protobuf writes a value that nobody has set.
func hasZero(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Struct:
		return false
	}
	return true
}

func numberOf(f reflect.StructField) int {
	parts := strings.Split(f.Tag.Get("protobuf"), ",")
	if len(parts) < 2 {
		return 0
	}
	number, err := strconv.Atoi(parts[1])
	if err != nil {
		log.Fatal(err)
	}
	return number
}

// Of a document, as far as it is read.
type document struct {
	Components struct {
		Schemas map[string]struct {
			Description string
			Required    []string
			Properties  map[string]struct{ Description string }
		}
	}
}

func readDocuments(folder string) {
	for _, name := range documents {
		text, err := os.ReadFile(filepath.Join(folder, name+"_openapi.json"))
		if err != nil {
			log.Fatal(err)
		}
		var read document
		if err := json.Unmarshal(text, &read); err != nil {
			log.Fatal(err)
		}
		for name, schema := range read.Components.Schemas {
			if models[name] == nil {
				continue
			}
			models[name].Required = schema.Required
			fields := map[string]string{}
			for field, property := range schema.Properties {
				if property.Description != "" {
					fields[field] = property.Description
				}
			}
			descriptions[name] = description{schema.Description, fields}
		}
	}
}

// One entry a line, so that a change of one type is a change of one line.
func write[T any](file string, entries map[string]T) {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		var line bytes.Buffer
		out := json.NewEncoder(&line)
		out.SetEscapeHTML(false)
		if err := out.Encode(entries[name]); err != nil {
			log.Fatal(err)
		}
		lines = append(lines, strconv.Quote(name)+": "+strings.TrimSpace(line.String()))
	}
	text := "{\n" + strings.Join(lines, ",\n") + "\n}\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		log.Fatal(err)
	}
}

func main() {
	if len(os.Args) != 3 {
		log.Fatalf("expected a folder of OpenAPI documents and one to write to, got %q", os.Args[1:])
	}
	for _, root := range roots {
		add(reflect.TypeOf(root))
	}
	readDocuments(os.Args[1])
	write(filepath.Join(os.Args[2], "schema.json"), models)
	write(filepath.Join(os.Args[2], "descriptions.json"), descriptions)
}
