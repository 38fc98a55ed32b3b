package api

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"strings"

	swagger "github.com/swaggo/files/v2"
)

// rawJSON is an example as it stands.
func rawJSON(text string) json.RawMessage { return json.RawMessage(text) }

// The documents and their pages need no key: they say nothing of anybody.
const (
	docsPath    = "/docs/"
	openapiPath = "/openapi/"
)

// pages serves the OpenAPI documents, the Postman collections made of them, and Swagger
// UI from the program itself: no page asks another host for anything.
func (s *Server) pages() http.Handler {
	mux := http.NewServeMux()
	var names []string
	for _, d := range s.documents() {
		described := s.describe(&d)
		names = append(names, d.name)
		mux.HandleFunc("GET "+openapiPath+d.name+".json", s.fixed(described))
		mux.HandleFunc("GET "+openapiPath+d.name+".postman.json", s.fixed(postman(&d, described)))
	}
	mux.HandleFunc("GET "+docsPath+"{$}", s.text("text/html; charset=utf-8", docsPage(names)))
	mux.HandleFunc("GET "+docsPath+"start.js", s.text("text/javascript; charset=utf-8", docsScript(names)))
	for _, name := range []string{"swagger-ui.css", "swagger-ui-bundle.js", "swagger-ui-standalone-preset.js", "favicon-32x32.png"} {
		mux.HandleFunc("GET "+docsPath+name, func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, swagger.FS, name) })
	}
	return mux
}

func (s *Server) fixed(body object) http.HandlerFunc {
	text, err := encode(body)
	if err != nil {
		panic("api: a document cannot be written: " + err.Error())
	}
	return s.text("application/json", string(text))
}

func (s *Server) text(kind, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		s.send(w, r, http.StatusOK, []byte(body))
	}
}

func docsPage(names []string) string {
	var links strings.Builder
	for _, name := range names {
		fmt.Fprintf(&links, `<li><a href="%s%s.json">%s</a> (<a href="%s%s.postman.json">Postman</a>)</li>`, openapiPath, html.EscapeString(name), html.EscapeString(name), openapiPath, html.EscapeString(name))
	}
	return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>nodobridge API</title><link rel="stylesheet" href="swagger-ui.css"><link rel="icon" href="favicon-32x32.png"></head>` +
		`<body><div id="swagger-ui"><h1>nodobridge API</h1><ul>` + links.String() + `</ul></div>` +
		`<script src="swagger-ui-bundle.js"></script><script src="swagger-ui-standalone-preset.js"></script><script src="start.js"></script></body></html>`
}

func docsScript(names []string) string {
	var urls []string
	for _, name := range names {
		urls = append(urls, fmt.Sprintf(`{url: "%s%s.json", name: "%s"}`, openapiPath, name, name))
	}
	return `window.ui = SwaggerUIBundle({urls: [` + strings.Join(urls, ", ") + `], dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset], layout: "StandaloneLayout"});
`
}
