package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"nodobridge/api"
	"nodobridge/bridge"
)

func subjectCommand() *cobra.Command {
	var q bridge.SubjectQuery
	var out string
	export := &cobra.Command{
		Use:   "export --fiscal-code CODE --reason TEXT --out FILE.zip [--ec CODE]",
		Short: "Write what is known of a person into a zip: JSON, receipts as they came, and a page to read",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if out == "" {
				return errors.New("--out must name the file to write")
			}
			found, err := privately(cmd, "subject/export", controlRequest{Privacy: privacyRequest{Subject: q}})
			if err != nil {
				return err
			}
			var b bytes.Buffer
			if err := writeSubject(&b, q, found.File); err != nil {
				return err
			}
			// Never over another file, and for this user only: it is a person's life.
			f, err := os.OpenFile(out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
			if err != nil {
				return err
			}
			if _, err := f.Write(b.Bytes()); err != nil {
				return errors.Join(err, f.Close())
			}
			if err := f.Close(); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d positions and %d receipts are in %s\n", len(found.File.Positions), len(found.File.Receipts), out)
			return nil
		},
	}
	addSubject(export, &q)
	export.Flags().StringVar(&out, "out", "", "the zip to write; it must not be there yet")
	cmd := &cobra.Command{Use: "subject", Short: "Answer a person who asks for their data"}
	cmd.AddCommand(export)
	return cmd
}

// subjectData is dati.json.
type subjectData struct {
	CodiceFiscale string            `json:"codiceFiscale"`
	Data          time.Time         `json:"data"`
	Posizioni     []json.RawMessage `json:"posizioni"`
	Ricevute      []subjectReceipt  `json:"ricevute"`
	Avvisi        []subjectNotice   `json:"avvisiStampati"`
}

// subjectNotice is a notice that an application has had printed for the person.
type subjectNotice struct {
	Ente    string        `json:"ente"`
	Avviso  string        `json:"avviso"`
	Oggetto string        `json:"oggetto"`
	Persona bridge.Debtor `json:"persona"`
}

type subjectReceipt struct {
	Ente     string `json:"ente"`
	Ricevuta string `json:"idRicevuta"`
	Avviso   string `json:"numeroAvviso"`
	Importo  string `json:"importo"`
	Pagata   string `json:"dataPagamento"`
	PSP      string `json:"psp"`
	File     string `json:"file"`
}

// writeSubject writes the zip: dati.json, ricevute/*.xml byte for byte, leggimi.html.
func writeSubject(w io.Writer, q bridge.SubjectQuery, file bridge.SubjectFile) error {
	data := subjectData{CodiceFiscale: q.FiscalCode, Data: file.At, Posizioni: []json.RawMessage{}, Ricevute: []subjectReceipt{}, Avvisi: []subjectNotice{}}
	archive := zip.NewWriter(w)
	put := func(name string, content []byte) error {
		f, err := archive.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: file.At})
		if err != nil {
			return err
		}
		_, err = f.Write(content)
		return err
	}
	for i := range file.Positions {
		text, err := api.PositionJSON(&file.Positions[i])
		if err != nil {
			return err
		}
		data.Posizioni = append(data.Posizioni, text)
	}
	for i, r := range file.Receipts {
		name := fmt.Sprintf("ricevute/%04d.xml", i+1) // an id may hold anything
		if err := put(name, r.Raw); err != nil {
			return err
		}
		data.Ricevute = append(data.Ricevute, subjectReceipt{string(r.EC), r.ReceiptID, string(r.NAV), r.Amount.String(), r.PaymentDateTime, r.PSPCompany, name})
	}
	for _, p := range file.Printed {
		data.Avvisi = append(data.Avvisi, subjectNotice{string(p.Request.EC), p.File, p.Request.Subject, p.Request.Debtor})
	}
	text, err := json.MarshalIndent(data, "", "  ")
	if err != nil {
		return err
	}
	if err := put("dati.json", text); err != nil {
		return err
	}
	var page bytes.Buffer
	if err := subjectPage.Execute(&page, struct {
		Data      subjectData
		Positions []bridge.Position
	}{data, file.Positions}); err != nil {
		return err
	}
	if err := put("leggimi.html", page.Bytes()); err != nil {
		return err
	}
	return archive.Close()
}

var subjectPage = template.Must(template.New("leggimi").Parse(`<!DOCTYPE html>
<html lang="it"><head><meta charset="utf-8"><title>I tuoi dati</title>
<style>body{font-family:sans-serif;max-width:60em;margin:2em auto;padding:0 1em}table{border-collapse:collapse;width:100%}td,th{border:1px solid #777;padding:.3em;text-align:left}</style></head><body>
<h1>Dati personali di {{.Data.CodiceFiscale}}</h1>
<p>Estratti il {{.Data.Data.Format "02/01/2006 15:04"}} UTC dall'archivio dei pagamenti pagoPA dell'ente (articoli 15 e 20 del Regolamento UE 2016/679). Gli stessi dati, in un formato leggibile da un programma, sono in <code>dati.json</code>; le ricevute, così come sono arrivate da pagoPA, sono nella cartella <code>ricevute</code>.</p>
<h2>Posizioni debitorie ({{len .Positions}})</h2>
{{if .Positions}}<table><tr><th>Ente</th><th>Identificativo</th><th>Stato</th><th>Intestatario</th><th>Indirizzo e recapiti</th><th>Avvisi</th></tr>
{{range .Positions}}{{$p := .}}{{range .Options}}<tr><td>{{$p.CompanyName}} ({{$p.EC}})</td><td>{{$p.IUPD}}</td><td>{{$p.Status}}</td><td>{{.Debtor.FullName}}</td>
<td>{{.Debtor.StreetName}} {{.Debtor.CivicNumber}} {{.Debtor.PostalCode}} {{.Debtor.City}} {{.Debtor.Province}} {{.Debtor.Country}} {{.Debtor.Email}} {{.Debtor.Phone}}</td>
<td>{{range .Instalments}}{{.NAV}}: {{.Amount}} euro, {{.Description}}{{if not .PaidAt.IsZero}}, pagato il {{.PaidAt.Format "02/01/2006"}}{{end}}<br>{{end}}</td></tr>{{end}}{{end}}</table>{{else}}<p>Nessuna.</p>{{end}}
<h2>Ricevute di pagamento ({{len .Data.Ricevute}})</h2>
{{if .Data.Ricevute}}<table><tr><th>Ente</th><th>Avviso</th><th>Importo</th><th>Data</th><th>Prestatore di servizi di pagamento</th><th>File</th></tr>
{{range .Data.Ricevute}}<tr><td>{{.Ente}}</td><td>{{.Avviso}}</td><td>{{.Importo}} euro</td><td>{{.Pagata}}</td><td>{{.PSP}}</td><td><a href="{{.File}}">{{.File}}</a></td></tr>{{end}}</table>{{else}}<p>Nessuna.</p>{{end}}
<h2>Avvisi fatti stampare ({{len .Data.Avvisi}})</h2>
{{if .Data.Avvisi}}<table><tr><th>Ente</th><th>Avviso</th><th>Oggetto</th><th>Intestatario</th><th>Indirizzo</th></tr>
{{range .Data.Avvisi}}<tr><td>{{.Ente}}</td><td>{{.Avviso}}</td><td>{{.Oggetto}}</td><td>{{.Persona.FullName}}</td><td>{{.Persona.StreetName}} {{.Persona.CivicNumber}} {{.Persona.PostalCode}} {{.Persona.City}} {{.Persona.Province}}</td></tr>{{end}}</table>{{else}}<p>Nessuno.</p>{{end}}
</body></html>
`))
