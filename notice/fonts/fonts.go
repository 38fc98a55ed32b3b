// Package fonts holds the typefaces of payment notices, Titillium Web and Roboto Mono,
// as TrueType files under the SIL Open Font License 1.1 (OFL-*.txt beside this file).
// They are the files of the npm packages @expo-google-fonts/titillium-web 0.4.1 and
// @expo-google-fonts/roboto-mono 0.4.2, unchanged.
package fonts

import (
	"embed"

	"nodobridge/notice/pdf"
)

//go:embed *.ttf
var files embed.FS

// Family is the four faces that notices are set in.
type Family struct {
	Regular, Bold, Mono, MonoBold *pdf.Font
}

// Load reads the faces.
func Load() (*Family, error) {
	f := &Family{}
	for _, face := range []struct {
		into *(*pdf.Font)
		file string
		name string
	}{
		{&f.Regular, "TitilliumWeb_400Regular.ttf", "TitilliumWeb-Regular"},
		{&f.Bold, "TitilliumWeb_700Bold.ttf", "TitilliumWeb-Bold"},
		{&f.Mono, "RobotoMono_400Regular.ttf", "RobotoMono-Regular"},
		{&f.MonoBold, "RobotoMono_700Bold.ttf", "RobotoMono-Bold"},
	} {
		data, err := files.ReadFile(face.file)
		if err != nil {
			return nil, err
		}
		if *face.into, err = pdf.ParseFont(face.name, data); err != nil {
			return nil, err
		}
	}
	return f, nil
}
