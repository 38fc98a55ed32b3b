package contract

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"nodobridge/wsdl"
)

// document is the name of the WSDL, ours and pagoPA's.
const document = "paForNode.wsdl"

// layout is what a folder of pagoPA's files is expected to look like.
const layout = "expected a copy of pagoPA's pagopa-api repository: wsdl/" + document +
	", wsdl/xsd/paForNode.xsd and xsd-common/sac-common-types-1.0.xsd"

// maxSearchDepth bounds how far below the given folder wsdl/paForNode.wsdl is
// looked for: an unpacked archive adds a level or two.
const maxSearchDepth = 4

// DiffDir compares the contract of this program with pagoPA's files in a
// folder: a copy of the pagopa-api repository, a folder somewhat above one, or
// the folder wsdl of one.
func DiffDir(dir string) ([]Difference, error) {
	root, name, err := locate(dir)
	if err != nil {
		return nil, fmt.Errorf("cannot compare contract: %w", err)
	}
	ours, err := Load(wsdl.Files, document)
	if err != nil {
		return nil, fmt.Errorf("cannot compare contract: our own files: %w", err)
	}
	theirs, err := Load(os.DirFS(root), name)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errOutside) {
		return nil, fmt.Errorf("cannot compare contract: files in %s: %w; %s", root, err, layout)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot compare contract: files in %s: %w", root, err)
	}
	return Diff(ours, theirs), nil
}

// locate finds the WSDL: the folder within which all its imports lie, and its
// name in there.
func locate(dir string) (root, name string, err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return "", "", err
	}
	info, err := os.Stat(dir)
	if err != nil {
		return "", "", err
	}
	if !info.IsDir() {
		return "", "", fmt.Errorf("%s is not a folder; %s", dir, layout)
	}
	if isFile(filepath.Join(dir, "wsdl", document)) {
		return dir, "wsdl/" + document, nil
	}
	if isFile(filepath.Join(dir, document)) {
		// pagoPA's schemas import ../../xsd-common: the folder above is needed.
		if above := filepath.Dir(dir); above != dir {
			return above, filepath.Base(dir) + "/" + document, nil
		}
		return dir, document, nil
	}
	found, err := search(os.DirFS(dir))
	switch {
	case err != nil:
		return "", "", err
	case len(found) == 0:
		return "", "", fmt.Errorf("no %s in %s; %s", document, dir, layout)
	case len(found) > 1:
		return "", "", fmt.Errorf("%s holds several contracts (%s): name one", dir, strings.Join(found, ", "))
	}
	return filepath.Join(dir, filepath.FromSlash(found[0])), "wsdl/" + document, nil
}

// search looks for folders that hold wsdl/paForNode.wsdl, hidden ones left out.
func search(fsys fs.FS) ([]string, error) {
	var found []string
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			hidden := name != "." && strings.HasPrefix(entry.Name(), ".")
			if hidden || strings.Count(name, "/") > maxSearchDepth {
				return fs.SkipDir
			}
			return nil
		}
		folder := path.Dir(name)
		if entry.Name() == document && path.Base(folder) == "wsdl" {
			found = append(found, path.Dir(folder))
		}
		return nil
	})
	return found, err
}

// isFile tells whether there is such a file.
func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}
