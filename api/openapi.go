package api

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

// describe writes one OpenAPI 3.0 document from the table of operations.
func (s *Server) describe(d *apiDocument) object {
	made := &schemas{components: object{}}
	paths := object{}
	for _, op := range s.surface() {
		if !d.has(&op) {
			continue
		}
		about, known := d.of[op.name]
		if !known {
			panic("api: " + op.name + " of " + d.name + " is not described")
		}
		path := templateOf(strings.TrimPrefix(op.path, d.prefix))
		item, _ := paths[path].(object)
		if item == nil {
			item = object{}
			paths[path] = item
		}
		item[strings.ToLower(op.method)] = made.operation(d, &op, &about)
	}
	made.of(problem{}, false)
	made.of(gatewayProblem{}, false)
	out := object{
		"openapi":    "3.0.3",
		"info":       object{"title": "nodobridge: " + d.title, "description": d.about, "version": orElse(s.info.Version, "dev"), "license": object{"name": "EUPL-1.2"}},
		"servers":    []any{object{"url": orElse(d.prefix, "/")}},
		"paths":      paths,
		"components": object{"schemas": made.components},
	}
	if d.keys {
		out["components"].(object)["securitySchemes"] = object{"key": object{"type": "apiKey", "in": "header", "name": headerKey}, "otherKey": object{"type": "apiKey", "in": "header", "name": headerOtherKey}}
		out["security"] = []any{object{"key": []any{}}, object{"otherKey": []any{}}}
	}
	return out
}

var pathParam = regexp.MustCompile(`:([a-z]+)`)

// templateOf writes a path as OpenAPI does.
func templateOf(path string) string { return pathParam.ReplaceAllString(path, "{$1}") }

func (s *schemas) operation(d *apiDocument, op *operation, about *description) object {
	out := object{"operationId": op.name, "summary": about.summary, "responses": s.responses(d, op, about), "tags": []any{d.title}}
	var parameters []any
	for _, m := range pathParam.FindAllStringSubmatch(op.path, -1) {
		parameters = append(parameters, object{"name": m[1], "in": "path", "required": true, "schema": pathSchema(op, m[1])})
	}
	for _, p := range about.query {
		parameters = append(parameters, p.object("query"))
	}
	for _, p := range about.headers {
		parameters = append(parameters, p.object("header"))
	}
	if !op.open && !op.anyEC {
		parameters = append(parameters, parameter{name: segregationCodes, kind: "string", about: "hold the call to segregation codes, 47,48"}.object("query"))
	}
	if takesIdempotencyKey(op) {
		parameters = append(parameters, parameter{name: headerIdempotency, kind: "string", about: "the same request under the same key is carried out once and answered the same for a day"}.object("header"))
	}
	if len(parameters) > 0 {
		out["parameters"] = parameters
	}
	if body := s.body(op, about); body != nil {
		out["requestBody"] = body
	}
	switch {
	case op.open && d.keys:
		out["security"] = []any{}
	case d.keys:
		out["x-scope"] = string(op.scope())
	}
	return out
}

func pathSchema(op *operation, name string) object {
	schema := object{"type": "string"}
	switch {
	case name == paramEC:
		schema["pattern"] = `^[0-9]{11}$`
	case name == paramTransfer:
		schema["pattern"] = `^[1-5]$`
	case op.number != nil && op.number.param == name:
		schema["description"] = op.number.rule
	}
	return schema
}

func (p parameter) object(in string) object {
	schema := object{"type": p.kind}
	switch p.kind {
	case "date", "date-time":
		schema = object{"type": "string"}
		if p.kind == "date" {
			schema["format"] = "date"
		}
	}
	if len(p.enum) > 0 {
		schema["enum"] = anyOf(p.enum)
	}
	out := object{"name": p.name, "in": in, "schema": schema}
	if p.must {
		out["required"] = true
	}
	if p.about != "" {
		out["description"] = p.about
	}
	return out
}

func (s *schemas) body(op *operation, about *description) object {
	switch {
	case op.upload:
		return object{"required": true, "content": object{"multipart/form-data": object{"schema": object{"type": "object", "required": []any{"file"}, "properties": object{"file": object{"type": "string", "format": "binary"}}}}}}
	case op.sheet:
		binary := object{"schema": object{"type": "string", "format": "binary"}}
		return object{"required": true, "content": object{"text/csv": object{"schema": object{"type": "string"}, "example": about.example}, kindXLSX: binary, "application/octet-stream": binary}}
	case about.request != nil:
		return object{"required": true, "content": object{"application/json": object{"schema": s.of(about.request, true), "example": rawJSON(about.example)}}}
	}
	return nil
}

func (s *schemas) responses(d *apiDocument, op *operation, about *description) object {
	success := object{"description": about.summary}
	switch {
	case about.answer != nil:
		success["content"] = object{"application/json": object{"schema": s.of(about.answer, false)}}
	case about.kind != "" && !op.upload:
		media, _, _ := strings.Cut(about.kind, ";")
		success["content"] = object{media: object{"schema": object{"type": "string", "format": "binary"}}}
	}
	out := object{fmt.Sprint(orElse(about.status, http.StatusOK)): success}
	refusal := object{"application/json": object{"schema": s.of(problem{}, false)}}
	gateway := object{"application/json": object{"schema": s.of(gatewayProblem{}, false)}}
	either := object{"application/json": object{"schema": object{"anyOf": []any{s.of(problem{}, false), s.of(gatewayProblem{}, false)}}}}
	if op.sheet {
		out["422"] = object{"description": "Nothing was made; the problems say why", "content": object{"application/json": object{"schema": object{"anyOf": []any{s.of(about.answer, false), s.of(problem{}, false)}}}}}
	}
	if !op.open {
		out["400"] = object{"description": "A rule of form is broken; the detail names field and rule", "content": refusal}
	}
	if !op.open && d.keys {
		out["401"] = object{"description": "No key, or not a good one", "content": gateway}
		out["403"] = object{"description": "The key may not do this, or not for this institution", "content": either}
		out["429"] = object{"description": "Too many calls; Retry-After says how long to wait", "content": gateway}
	}
	out["default"] = object{"description": "Refused, or failed; the title says which", "content": refusal}
	return out
}
