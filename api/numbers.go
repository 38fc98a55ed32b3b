package api

import (
	"context"
	"net/http"

	"nodobridge/bridge"
)

// numberOperations reserve notice numbers for positions that are yet to be created.
func numberOperations() []operation {
	return []operation{{method: http.MethodPost, path: ownPath + "/numbers", body: true, name: "reserveNumbers", handle: (*Server).reserveNumbers}}
}

type numbersView struct {
	Numbers []numberView `json:"numbers"`
}

type numberView struct {
	NAV bridge.NoticeNumber `json:"nav"`
	IUV bridge.IUV          `json:"iuv"`
}

func (s *Server) reserveNumbers(ctx context.Context, c *call) (reply, error) {
	if err := c.only(); err != nil {
		return reply{}, err
	}
	var segregation *string
	var count *int64
	err := decodeKnown(c.body, func(r *reader) error {
		return r.object(func(name string) error {
			switch name {
			case "segregationCode":
				return set(r, &segregation, (*reader).text)
			case "count":
				return set(r, &count, (*reader).integer)
			}
			return r.wrong("is no member; the members are segregationCode and count")
		})
	})
	if err != nil {
		return reply{}, err
	}
	order := bridge.NumberOrder{EC: c.ec, Segregation: value(segregation), Count: 1}
	if count != nil {
		order.Count = int(max(min(*count, bridge.MaxNumbers+1), 0))
	}
	list, err := s.service.ReserveNumbers(ctx, c.by, order)
	if err != nil {
		return reply{}, err
	}
	out := numbersView{}
	for _, nav := range list {
		out.Numbers = append(out.Numbers, numberView{nav, nav.IUV()})
	}
	return reply{status: http.StatusCreated, body: out}, nil
}
