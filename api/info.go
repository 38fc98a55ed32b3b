package api

import (
	"context"
	"net/http"
)

// appInfo is the health check of GPD's own suites (gpd-api.md §3.1, OpenAPI
// AppInfo).
type appInfo struct {
	Name        string `json:"name"`
	Version     string `json:"version"`
	Environment string `json:"environment"`
}

func (s *Server) getInfo(context.Context, *call) (reply, error) {
	return reply{status: http.StatusOK, body: s.info}, nil
}
