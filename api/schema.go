package api

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"nodobridge/bridge"
)

// object is a JSON object of an OpenAPI document.
type object = map[string]any

// schemas makes OpenAPI schemas of the structs that answers are written from and
// requests are described by, so that a document cannot say other members than the code.
// Tags: json names a member, omitempty makes it optional in an answer; need:"yes" makes
// it required in a request, max, min, pattern and enum bound it, doc explains it.
type schemas struct {
	components object
}

// of gives the schema of a value's type. Structs become components.
func (s *schemas) of(value any, request bool) object {
	return s.schema(reflect.TypeOf(value), request)
}

// wellKnown are types that JSON writes as they are not built.
var wellKnown = map[reflect.Type]object{
	reflect.TypeFor[localTime]():           {"type": "string", "pattern": `^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2})?$`, "description": "answers are UTC without a zone, 2026-12-31T22:59:59"},
	reflect.TypeFor[instant]():             {"type": "string", "format": "date-time", "description": "UTC with a Z (RFC 3339)"},
	reflect.TypeFor[bridge.Cents]():        {"type": "integer", "format": "int64", "minimum": 0, "description": "euro cents"},
	reflect.TypeFor[bridge.ECCode]():       {"type": "string", "description": "fiscal code of a creditor institution"},
	reflect.TypeFor[bridge.DebtorType]():   {"type": "string", "enum": []any{"F", "G"}},
	reflect.TypeFor[bridge.AnomalyClass](): {"type": "string", "enum": anyOf(bridge.AnomalyClasses)},
	reflect.TypeFor[bridge.EventType]():    {"type": "string", "enum": anyOf(bridge.EventTypes())},
}

func anyOf[T ~string](values []T) []any {
	list := make([]any, len(values))
	for i, v := range values {
		list[i] = string(v)
	}
	return list
}

func (s *schemas) schema(t reflect.Type, request bool) object {
	if known, ok := wellKnown[t]; ok {
		out := object{}
		for name, value := range known {
			out[name] = value
		}
		return out
	}
	switch t.Kind() {
	case reflect.Pointer:
		return s.schema(t.Elem(), request)
	case reflect.Struct:
		return s.component(t, request)
	case reflect.Slice:
		return object{"type": "array", "items": s.schema(t.Elem(), request)}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": s.schema(t.Elem(), request)}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.String:
		return object{"type": "string"}
	case reflect.Int, reflect.Int64:
		return object{"type": "integer", "format": "int64"}
	}
	panic(fmt.Sprintf("api: no schema for a %s", t))
}

const componentPrefix = "#/components/schemas/"

// component describes a struct once and gives a reference to it.
func (s *schemas) component(t reflect.Type, request bool) object {
	name := strings.ToUpper(t.Name()[:1]) + t.Name()[1:]
	if request && !strings.HasSuffix(name, "Request") {
		name += "Request"
	}
	ref := object{"$ref": componentPrefix + name}
	if s.components[name] != nil {
		return ref
	}
	described := object{"type": "object"}
	s.components[name] = described // before its members: a type may hold itself
	properties, required := object{}, []string{}
	s.members(t, request, properties, &required)
	described["properties"] = properties
	if len(required) > 0 {
		slices.Sort(required)
		described["required"] = required
	}
	return ref
}

func (s *schemas) members(t reflect.Type, request bool, properties object, required *[]string) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			s.members(f.Type, request, properties, required)
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || name == "" || request && f.Tag.Get("read") == "only" {
			continue
		}
		member := s.schema(f.Type, request)
		bind(member, f.Tag)
		optional := strings.Contains(options, "omitempty")
		if !request && f.Type.Kind() == reflect.Pointer && !optional {
			member = s.nullable(member)
		}
		properties[name] = member
		if request && f.Tag.Get("need") == "yes" || !request && !optional {
			*required = append(*required, name)
		}
	}
}

// nullable lets a member be null. A reference has no room for it, so what it refers to
// stands a second time as a component that may be null.
func (s *schemas) nullable(member object) object {
	if ref, is := member["$ref"].(string); is {
		described := s.components[strings.TrimPrefix(ref, componentPrefix)].(object)
		name := strings.TrimPrefix(ref, componentPrefix) + "OrNull"
		s.components[name] = object{"type": "object", "nullable": true, "properties": described["properties"], "required": described["required"]}
		return object{"$ref": componentPrefix + name}
	}
	member["nullable"] = true
	if values, bounded := member["enum"].([]any); bounded {
		member["enum"] = append(slices.Clone(values), nil)
	}
	return member
}

func bind(member object, tag reflect.StructTag) {
	for key, keyword := range map[string]string{"pattern": "pattern", "doc": "description", "example": "example"} {
		if text := tag.Get(key); text != "" {
			member[keyword] = text
		}
	}
	if text := tag.Get("enum"); text != "" {
		member["enum"] = anyOf(strings.Split(text, "|"))
	}
	for key, keywords := range map[string][2]string{"max": {"maxLength", "maxItems"}, "min": {"minLength", "minItems"}} {
		text := tag.Get(key)
		if text == "" {
			continue
		}
		n := 0
		if _, err := fmt.Sscan(text, &n); err != nil {
			panic("api: a bound that is no number: " + text)
		}
		keyword := keywords[0]
		if member["type"] == "array" {
			keyword = keywords[1]
		}
		member[keyword] = n
	}
}
