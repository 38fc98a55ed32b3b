package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// fixture is a small contract with one of everything the real one uses. The
// tests alter it, so that they do not depend on how the real files are laid out.
var fixture = map[string]string{
	"service.wsdl": `<?xml version="1.0"?>
<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:t="urn:wsdl" xmlns:b="urn:body" targetNamespace="urn:wsdl">
<w:types><x:schema xmlns:x="http://www.w3.org/2001/XMLSchema"><x:import namespace="urn:body" schemaLocation="xsd/body.xsd"/></x:schema></w:types>
<w:message name="in"><w:part name="p" element="b:paAskReq"/></w:message>
<w:message name="out"><w:part name="p" element="b:paAskRes"/></w:message>
<w:portType name="port"><w:operation name="paAsk"><w:input message="t:in"/><w:output message="t:out"/></w:operation></w:portType>
<w:binding name="binding" type="t:port"><s:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
<w:operation name="paAsk"><s:operation soapAction="paAsk"/><w:input><s:body use="literal"/></w:input><w:output><s:body use="literal"/></w:output></w:operation></w:binding>
<w:service name="service"><w:port name="port" binding="t:binding"><s:address location="http://localhost"/></w:port></w:service>
</w:definitions>`,
	"xsd/body.xsd": `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:b="urn:body" xmlns:c="urn:common" targetNamespace="urn:body">
<xs:import namespace="urn:common" schemaLocation="common.xsd"/>
<xs:element name="paAskReq" type="b:paAskReq"/><xs:element name="paAskRes" type="b:paAskRes"/>
<xs:complexType name="paAskReq"><xs:sequence>
<xs:element name="idPA" type="c:stText35"/><xs:element name="qrCode" type="b:ctQrCode"/><xs:element name="note" type="xs:string" minOccurs="0"/>
</xs:sequence></xs:complexType>
<xs:complexType name="paAskRes"><xs:complexContent><xs:extension base="c:ctResponse"><xs:sequence>
<xs:element name="data" type="b:ctData" minOccurs="0"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>
<xs:complexType name="ctQrCode"><xs:sequence><xs:element name="fiscalCode" type="c:stFiscalCode"/></xs:sequence></xs:complexType>
<xs:complexType name="ctData"><xs:annotation><xs:documentation>people read this</xs:documentation></xs:annotation><xs:sequence>
<xs:element name="amount" type="b:stAmount"/><xs:element name="transfer" type="b:ctTransfer" maxOccurs="5"/>
<xs:element name="allCCP" type="xs:boolean"/><xs:element name="e-mail" type="xs:string"/><xs:element name="due" type="xs:date"/>
</xs:sequence></xs:complexType>
<xs:complexType name="ctTransfer"><xs:sequence><xs:element name="id" type="b:stId"/>
<xs:choice><xs:element name="IBAN" type="c:stText35"/><xs:element name="hash" type="b:stHash"/></xs:choice>
<xs:element name="info" type="xs:string"/></xs:sequence></xs:complexType>
<xs:simpleType name="stAmount"><xs:restriction base="xs:decimal"><xs:pattern value="\d+\.\d{2}"/><xs:minInclusive value="0.01"/><xs:maxInclusive value="999.99"/></xs:restriction></xs:simpleType>
<xs:simpleType name="stId"><xs:restriction base="xs:int"><xs:enumeration value="1"/><xs:enumeration value="2"/></xs:restriction></xs:simpleType>
<xs:simpleType name="stHash"><xs:restriction base="xs:base64Binary"><xs:pattern value=".{4,8}"/></xs:restriction></xs:simpleType>
</xs:schema>`,
	"xsd/common.xsd": `<schema xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:common" xmlns:c="urn:common">
<complexType name="ctResponse"><sequence><element name="outcome" type="c:stOutcome"/></sequence></complexType>
<simpleType name="stOutcome"><restriction base="string"><enumeration value="OK"/><enumeration value="KO"/></restriction></simpleType>
<simpleType name="stText35"><restriction base="string"><minLength value="1"/><maxLength value="35"/></restriction></simpleType>
<simpleType name="stFiscalCode"><restriction base="string"><length value="11"/><pattern value="[0-9]{11}"/></restriction></simpleType>
</schema>`,
}

// alter generates from the fixture with the first old of one file replaced by
// new, and returns the text by file.
func alter(t *testing.T, file, old, new string) (map[string]string, error) {
	t.Helper()
	if !strings.Contains(fixture[file], old) {
		t.Fatalf("%s has no %s to alter", file, old)
	}
	c, err := readContract("service.wsdl", func(path string) ([]byte, error) {
		text, ok := fixture[path]
		if !ok {
			return nil, fmt.Errorf("%s: %w", path, os.ErrNotExist)
		}
		if path == file {
			text = strings.Replace(text, old, new, 1)
		}
		return []byte(text), nil
	})
	if err != nil {
		return nil, err
	}
	files, err := generate(c)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, f := range files {
		out[f.name] = squeezed(string(f.text))
	}
	return out, nil
}

// squeezed removes gofmt's alignment.
func squeezed(s string) string {
	for strings.Contains(s, "  ") {
		s = strings.ReplaceAll(s, "  ", " ")
	}
	return s
}

// inOrder reports whether the parts stand in s one behind the other.
func inOrder(s string, parts ...string) bool {
	for _, p := range parts {
		i := strings.Index(s, p)
		if i < 0 {
			return false
		}
		s = s[i:]
	}
	return true
}
