package api

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// postmanSchema is what Postman recognises a collection by.
const postmanSchema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"

// postman makes a collection of a document. Whoever takes it sets baseUrl, ec and key.
func postman(d *apiDocument, described object) object {
	paths := described["paths"].(object)
	var items []any
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		methods := paths[path].(object)
		for _, method := range slices.Sorted(maps.Keys(methods)) {
			items = append(items, postmanItem(d, path, method, methods[method].(object)))
		}
	}
	out := object{
		"info":     object{"name": "nodobridge: " + d.title, "description": d.about, "schema": postmanSchema},
		"item":     items,
		"variable": []any{object{"key": "baseUrl", "value": "http://127.0.0.1:8081"}, object{"key": "ec", "value": "77777777777"}, object{"key": "key", "value": ""}},
	}
	if d.keys {
		out["auth"] = object{"type": "apikey", "apikey": []any{object{"key": "key", "value": headerKey}, object{"key": "value", "value": "{{key}}"}, object{"key": "in", "value": "header"}}}
	}
	return out
}

func postmanItem(d *apiDocument, path, method string, operation object) object {
	at := strings.NewReplacer("{ec}", "{{ec}}", "{", ":", "}", "").Replace(strings.ReplaceAll(path, "{ec}", "\x00"))
	at = strings.ReplaceAll(at, "\x00", "{{ec}}")
	var query, variables, header []any
	parameters, _ := operation["parameters"].([]any)
	for _, p := range parameters {
		p := p.(object)
		name := p["name"].(string)
		switch p["in"] {
		case "query":
			query = append(query, object{"key": name, "value": "", "description": p["description"], "disabled": p["required"] == nil})
		case "header":
			header = append(header, object{"key": name, "value": "", "description": p["description"], "disabled": true})
		case "path":
			if name != paramEC {
				variables = append(variables, object{"key": name, "value": ""})
			}
		}
	}
	url := object{"raw": "{{baseUrl}}" + d.prefix + at, "host": []any{"{{baseUrl}}"}, "path": anyOf(strings.Split(strings.TrimPrefix(d.prefix+at, "/"), "/")), "query": query, "variable": variables}
	request := object{"method": strings.ToUpper(method), "url": url, "description": operation["summary"]}
	if body, given := operation["requestBody"].(object); given {
		kind, sent := postmanBody(body["content"].(object))
		request["body"] = sent
		if kind != "" {
			header = append(header, object{"key": "Content-Type", "value": kind})
		}
	}
	request["header"] = header
	return object{"name": operation["operationId"], "request": request}
}

func postmanBody(content object) (string, object) {
	if _, form := content["multipart/form-data"]; form {
		return "", object{"mode": "formdata", "formdata": []any{object{"key": "file", "type": "file", "src": ""}}}
	}
	if csv, table := content["text/csv"].(object); table {
		return "text/csv", object{"mode": "raw", "raw": csv["example"]}
	}
	example := content["application/json"].(object)["example"].(json.RawMessage)
	return "application/json", object{"mode": "raw", "raw": string(example), "options": object{"raw": object{"language": "json"}}}
}
