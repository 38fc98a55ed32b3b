package service

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/jacoelho/xsd"
	"github.com/jacoelho/xsd/xsderrors"
)

// schema is a service's compiled XSD. The services are the operator's and known
// only at run time, so their validators cannot be generated as the contract's is.
type schema struct{ engine *xsd.Engine }

func compileSchema(ctx context.Context, source xsd.SchemaSource) (*schema, error) {
	engine, err := xsd.Compile(ctx, source)
	if err != nil {
		return nil, fmt.Errorf("cannot compile the XSD: %w", err)
	}
	return &schema{engine}, nil
}

// judge refuses a canonical document that breaks the XSD.
func (s *schema) judge(ctx context.Context, canonical []byte) error {
	err := s.engine.ValidateWithOptions(ctx, bytes.NewReader(canonical), xsd.ValidateOptions{MaxErrors: 1})
	if err == nil {
		return nil
	}
	// The library's message quotes the offending value, which may be a person's:
	// only its code and the element's path are passed on.
	var diagnostic *xsderrors.Error
	if errors.As(err, &diagnostic) && diagnostic.Category == xsderrors.CategoryValidation {
		return invalid("not valid against the service's XSD (" + string(diagnostic.Code) + " at " + diagnostic.Path + ")")
	}
	return invalid("not valid against the service's XSD")
}
