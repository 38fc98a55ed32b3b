package api

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"nodobridge/bridge"
)

// maxUpload is GPD's bound of a file, zipped and unzipped (gpd-api.md §5.1).
const maxUpload = 100 << 20

// uploaded is a zip that has been taken off the wire into a temporary file.
type uploaded struct {
	file *os.File
	data *zip.File // its one document
}

// uploadPattern names temporary files; what a crash leaves is removed at the next start.
const uploadPattern = "nodobridge-upload-*.zip"

// receive takes the part named file off the wire, in GPD's order of checks.
func (s *Server) receive(r *http.Request) (*uploaded, error) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "multipart/form-data" {
		return nil, &bridge.Error{Code: codeMediaType, Detail: "the content type must be multipart/form-data with a part named file"}
	}
	if r.ContentLength > maxUpload+maxRow {
		return nil, tooLarge(maxUpload)
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, &bridge.Error{Code: bridge.CodeInvalid, Detail: "the request body is no multipart document", Err: err}
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, &bridge.Error{Code: codeEmptyFile, Detail: "there is no part named file"}
		}
		if err != nil {
			return nil, bodyFailure(told(err))
		}
		if part.FormName() != "file" {
			continue
		}
		if !strings.HasSuffix(strings.ToLower(part.FileName()), ".zip") {
			return nil, &bridge.Error{Code: codeNoZip, Detail: "the file's name must end in .zip"}
		}
		return s.store(part)
	}
}

var errMultipart = errors.New("the multipart document is malformed")

// told is the cause as it may be logged: what mime/multipart says of a malformed document
// repeats lines of it.
func told(err error) error {
	var limit *http.MaxBytesError
	if errors.As(err, &limit) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	return errMultipart
}

// bodyFailure tells a body that is too large from one that is cut or malformed.
func bodyFailure(err error) error {
	var limit *http.MaxBytesError
	if errors.As(err, &limit) {
		return tooLarge(maxUpload)
	}
	return &bridge.Error{Code: bridge.CodeInvalid, Detail: "the request body cannot be read", Err: err}
}

// store keeps the part in a temporary file and opens it as a zip.
func (s *Server) store(part io.Reader) (_ *uploaded, err error) {
	file, err := os.CreateTemp(s.tempDir, uploadPattern)
	if err != nil {
		return nil, fmt.Errorf("cannot keep the upload: %w", err)
	}
	u := &uploaded{file: file}
	defer func() {
		if err != nil {
			err = errors.Join(err, u.close())
		}
	}()
	size, err := io.Copy(file, io.LimitReader(part, maxUpload+1))
	switch {
	case err != nil:
		return nil, bodyFailure(err)
	case size > maxUpload:
		return nil, tooLarge(maxUpload)
	case size == 0:
		return nil, &bridge.Error{Code: codeEmptyFile, Detail: "the file is empty"}
	}
	archive, err := zip.NewReader(file, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, &bridge.Error{Code: codeUnzip, Detail: "the file is no zip, or it is cut short", Err: err}
	}
	u.data, err = onlyDocument(archive)
	return u, err
}

// close removes the temporary file.
func (u *uploaded) close() error { return errors.Join(u.file.Close(), os.Remove(u.file.Name())) }

// onlyDocument gives the one JSON document of a zip (gpd-api.md §5.1,
// reliability-security.md §9 row 53).
func onlyDocument(archive *zip.Reader) (*zip.File, error) {
	wrong := func(why string) error { return &bridge.Error{Code: codeFile, Detail: why} }
	var found *zip.File
	for _, f := range archive.File {
		switch {
		case f.FileInfo().IsDir():
			continue
		case found != nil:
			return nil, wrong("the zip must hold one file")
		}
		found = f
	}
	switch {
	case found == nil:
		return nil, wrong("the zip holds no file")
	case !strings.HasSuffix(strings.ToLower(found.Name), ".json"):
		return nil, wrong("the name of the file in the zip must end in .json")
	case !filepath.IsLocal(found.Name) || strings.Contains(found.Name, `\`):
		return nil, wrong("the name of the file in the zip leads out of it")
	case !found.Mode().IsRegular():
		return nil, wrong("the zip must hold a plain file")
	case found.Flags&1 != 0:
		return nil, wrong("the file in the zip is encrypted")
	case found.Method != zip.Store && found.Method != zip.Deflate:
		return nil, wrong("the file in the zip is compressed in an unusual way")
	case found.UncompressedSize64 > maxUpload:
		return nil, wrong(fmt.Sprintf("the file in the zip is larger than %d bytes", maxUpload))
	}
	return found, nil
}

// rows opens the document for another reading of its rows; what the zip says of its
// size is not believed.
func (u *uploaded) rows(member string) (*splitter, io.Closer, error) {
	document, err := u.data.Open()
	if err != nil {
		return nil, nil, &bridge.Error{Code: codeUnzip, Detail: "the file in the zip cannot be read", Err: err}
	}
	return newSplitter(&bounded{document, maxUpload}, member), document, nil
}

// bounded refuses to read beyond a number of bytes, instead of ending there.
type bounded struct {
	in   io.Reader
	left int64
}

var errUnzippedTooLarge = errors.New("the document is larger than allowed")

// Read reads on, as long as something is left.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errUnzippedTooLarge
	}
	n, err := b.in.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// fileFailure is the refusal for what the splitter found.
func fileFailure(err error) error {
	var document errDocument
	switch {
	case errors.As(err, &document):
		return &bridge.Error{Code: codeJSON, Detail: string(document)}
	case errors.Is(err, errUnzippedTooLarge):
		return &bridge.Error{Code: codeFile, Detail: fmt.Sprintf("the file in the zip is larger than %d bytes", maxUpload)}
	case err != nil:
		return &bridge.Error{Code: codeUnzip, Detail: "the file in the zip cannot be read: it is damaged", Err: err}
	}
	return nil
}
