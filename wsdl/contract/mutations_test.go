package contract_test

// facetMutations are changes on the facets and the derivation of simple types.
var facetMutations = map[string]mutation{
	"facet value": {
		edit{common, `"stText140"`, `maxLength value="140"`, `maxLength value="139"`},
		"simpleType " + ct + "stText140: maxLength: ours 140, theirs 139",
	},
	"facet removed": {
		edit{payloads, `"stAmountNotZero"`, `<xs:minInclusive value="0.01"/>`, ``},
		"simpleType " + pa + "stAmountNotZero: minInclusive: ours 0.01, theirs absent",
	},
	"facet added": {
		edit{payloads, `"stIBAN"`, `<xs:minLength value="1"/>`, `<xs:minLength value="1"/><xs:whiteSpace value="collapse"/>`},
		"simpleType " + pa + "stIBAN: whiteSpace: ours absent, theirs collapse",
	},
	"facet of another kind": {
		edit{payloads, `"stAmountNotZero"`, `<xs:minInclusive`, `<xs:minExclusive`},
		"simpleType " + pa + "stAmountNotZero: minInclusive: ours 0.01, theirs absent",
	},
	"facet fixed": {
		edit{payloads, `"stIBAN"`, `<xs:maxLength value="35"/>`, `<xs:maxLength value="35" fixed="true"/>`},
		"simpleType " + pa + "stIBAN: maxLength/fixed: ours absent, theirs true",
	},
	"pattern": {
		edit{common, `"stNoticeNumber"`, `[0-9]{18}`, `[0-9]{18,18}`},
		"simpleType " + ct + "stNoticeNumber: pattern: ours [0-9]{18}, theirs [0-9]{18,18}",
	},
	"second pattern": {
		edit{common, `"stAmount"`, `<xs:pattern`, `<xs:pattern value="0"/><xs:pattern`},
		"simpleType " + ct + `stAmount: pattern: ours \d+\.\d{2}, theirs 0, \d+\.\d{2}`,
	},
	"enumeration added": {
		edit{payloads, `"stTransferType"`, `<xs:enumeration value="PAGOPA"/>`, `<xs:enumeration value="PAGOPA"/><xs:enumeration value="IO"/>`},
		"simpleType " + pa + "stTransferType: enumeration: ours POSTAL, PAGOPA, theirs POSTAL, PAGOPA, IO",
	},
	"enumeration with a blank": {
		edit{payloads, `"stTransferType"`, `"POSTAL"`, `"POSTAL "`},
		"simpleType " + pa + `stTransferType: enumeration: ours POSTAL, PAGOPA, theirs "POSTAL ", PAGOPA`,
	},
	"base of a simple type": {
		edit{payloads, `"stIdTransfer"`, `"xs:int"`, `"xs:integer"`},
		"simpleType " + pa + "stIdTransfer: base: ours {http://www.w3.org/2001/XMLSchema}int, theirs {http://www.w3.org/2001/XMLSchema}integer",
	},
	"union in the place of a restriction": {
		edit{common, `"stFaultCode"`, `<xs:restriction base="xs:string"/>`, `<xs:union memberTypes="xs:string ct:stOutcome"/>`},
		"simpleType " + ct + "stFaultCode: content, position 1: ours restriction, theirs union",
	},
}

// shapeMutations are changes within complex types.
var shapeMutations = map[string]mutation{
	"base of an extension": {
		edit{payloads, `complexType name="paSendRTRes"`, `ct:ctResponse`, `ct:ctRisposta`},
		"complexType " + pa + "paSendRTRes: complexContent/extension/base: ours " + ct + "ctResponse, theirs " + ct + "ctRisposta",
	},
	"element renamed": {
		edit{payloads, `"ctSubject"`, `name="city"`, `name="town"`},
		"complexType " + pa + "ctSubject: sequence, position 6: ours element city, theirs element town",
	},
	"element added": {
		edit{payloads, `"ctQrCode"`, `<xs:sequence>`, `<xs:sequence><xs:element name="version" type="xs:int" minOccurs="0"/>`},
		"complexType " + pa + "ctQrCode: sequence, position 1: ours element fiscalCode, theirs element version",
	},
	"element added at the end": {
		edit{payloads, `"ctQrCode"`, `</xs:sequence>`, `<xs:element name="version" type="xs:int"/></xs:sequence>`},
		"complexType " + pa + "ctQrCode: sequence, position 3: ours absent, theirs element version",
	},
	"order of two elements": {
		edit{payloads, "", `name="entityUniqueIdentifierType" type="pa:stEntityUniqueIdentifierType"/>
      <xs:element name="entityUniqueIdentifierValue" type="pa:stEntityUniqueIdentifierValue"`, `name="entityUniqueIdentifierValue" type="pa:stEntityUniqueIdentifierValue"/>
      <xs:element name="entityUniqueIdentifierType" type="pa:stEntityUniqueIdentifierType"`},
		"complexType " + pa + "ctEntityUniqueIdentifier: sequence, position 1: ours element entityUniqueIdentifierType, theirs element entityUniqueIdentifierValue",
	},
	"minOccurs": {
		edit{payloads, `complexType name="ctPaymentPAV2"`, `name="companyName" type="ct:stText140"`, `name="companyName" type="ct:stText140" minOccurs="0"`},
		"complexType " + pa + "ctPaymentPAV2: sequence/element companyName/minOccurs: ours 1, theirs 0",
	},
	"maxOccurs": {
		edit{common, `"ctMetadata"`, `maxOccurs="15"`, `maxOccurs="unbounded"`},
		"complexType " + ct + "ctMetadata: sequence/element mapEntry/maxOccurs: ours 15, theirs unbounded",
	},
	"occurrence of a choice": {
		edit{payloads, `complexType name="ctTransferPAV2"`, `<xs:choice>`, `<xs:choice minOccurs="0">`},
		"complexType " + pa + "ctTransferPAV2: sequence/choice/minOccurs: ours 1, theirs 0",
	},
	"type of an element": {
		edit{payloads, `complexType name="ctReceiptV2"`, `name="receiptId" type="xs:string"`, `name="receiptId" type="ct:stText35"`},
		"complexType " + pa + "ctReceiptV2: sequence/element receiptId/type: ours {http://www.w3.org/2001/XMLSchema}string, theirs " + ct + "stText35",
	},
	"same name of another namespace": {
		edit{payloads, `complexType name="ctReceipt"`, `pa:stText20`, `ct:stText20`},
		"complexType " + pa + "ctReceipt: sequence/element pspPartitaIVA/type: ours " + pa + "stText20, theirs " + ct + "stText20",
	},
	"prefix bound to another namespace": {
		edit{payloads, "", `xmlns:ct="http://pagopa-api.pagopa.gov.it/xsd/common-types/v1.0.0/"`, `xmlns:ct="urn:other"`},
		"complexType " + pa + "paVerifyPaymentNoticeReq: sequence/element idPA/type: ours " + ct + "stText35, theirs {urn:other}stText35",
	},
	"choice into sequence": {
		edit{payloads, "", "<xs:choice>\n        <xs:element name=\"IBAN\" type=\"pa:stIBAN\"/>\n        <xs:element name=\"richiestaMarcaDaBollo\" type=\"ct:ctRichiestaMarcaDaBollo\"/>\n      </xs:choice>",
			`<xs:sequence><xs:element name="IBAN" type="pa:stIBAN"/><xs:element name="richiestaMarcaDaBollo" type="ct:ctRichiestaMarcaDaBollo"/></xs:sequence>`},
		"complexType " + pa + "ctTransferPAV2: sequence, position 5: ours choice, theirs sequence",
	},
	"member of a choice": {
		edit{payloads, `complexType name="ctTransferPAV2"`, `name="richiestaMarcaDaBollo"`, `name="marcaDaBollo"`},
		"complexType " + pa + "ctTransferPAV2: sequence/choice, position 2: ours element richiestaMarcaDaBollo, theirs element marcaDaBollo",
	},
	"sequence into all": {
		edit{common, "", "<xs:sequence>\n      <xs:element name=\"key\" type=\"ct:stText140\"/>\n      <xs:element name=\"value\" type=\"ct:stText140\"/>\n    </xs:sequence>",
			`<xs:all><xs:element name="key" type="ct:stText140"/><xs:element name="value" type="ct:stText140"/></xs:all>`},
		"complexType " + ct + "ctMapEntry: content, position 1: ours sequence, theirs all",
	},
	"attribute added to a type": {
		edit{payloads, `complexType name="ctQrCode"`, `</xs:sequence>`, `</xs:sequence><xs:attribute name="lang" type="xs:language"/>`},
		"complexType " + pa + "ctQrCode: content, position 2: ours absent, theirs attribute lang",
	},
	"wildcard added": {
		edit{payloads, `complexType name="ctQrCode"`, `</xs:sequence>`, `<xs:any processContents="lax"/></xs:sequence>`},
		"complexType " + pa + "ctQrCode: sequence, position 3: ours absent, theirs any",
	},
	"foreign attribute": {
		edit{payloads, `complexType name="ctQrCode"`, `>`, ` xmlns:x="urn:x" x:note="1">`},
		"complexType " + pa + "ctQrCode: {urn:x}note: ours absent, theirs 1",
	},
	"nillable": {
		edit{payloads, `complexType name="ctQrCode"`, `name="noticeNumber"`, `nillable="true" name="noticeNumber"`},
		"complexType " + pa + "ctQrCode: sequence/element noticeNumber/nillable: ours absent, theirs true",
	},
}

// declarationMutations are changes on schemas and their declarations.
var declarationMutations = map[string]mutation{
	"elementFormDefault": {
		edit{payloads, "", `version="1.0.0">`, `version="1.0.0" elementFormDefault="qualified">`},
		"schema " + pa + ": elementFormDefault: ours absent, theirs qualified",
	},
	"attributeFormDefault": {
		edit{common, "", `version="1.0">`, `version="1.0" attributeFormDefault="qualified">`},
		"schema " + ct + ": attributeFormDefault: ours absent, theirs qualified",
	},
	"version": {
		edit{payloads, "", `version="1.0.0">`, `version="1.1.0">`},
		"schema " + pa + ": version: ours 1.0.0, theirs 1.1.0",
	},
	"targetNamespace of the payloads": {
		edit{payloads, "", `targetNamespace="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd"`, `targetNamespace="urn:new"`},
		"schema " + pa + ": ours declared, theirs absent",
	},
	"import removed": {
		edit{payloads, "", `<xs:import namespace="http://pagopa-api.pagopa.gov.it/xsd/common-types/v1.0.0/" schemaLocation="commonTypes.xsd"/>`, ``},
		"schema " + pa + ": import: ours http://pagopa-api.pagopa.gov.it/xsd/common-types/v1.0.0/, theirs absent",
	},
	"namespace of an import": {
		edit{service, "", `<xs:import namespace="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd"`, `<xs:import namespace="urn:x"`},
		"schema {}: import: ours http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd, theirs urn:x",
	},
	"global element removed": {
		edit{payloads, "", `<xs:element name="paSendRTRes" type="pa:paSendRTRes"/>`, ``},
		"element " + pa + "paSendRTRes: ours declared, theirs absent",
	},
	"type added": {
		edit{common, "", `</xs:schema>`, `<xs:simpleType name="stText256"><xs:restriction base="xs:string"/></xs:simpleType></xs:schema>`},
		"simpleType " + ct + "stText256: ours absent, theirs declared",
	},
	"unknown declaration": {
		edit{common, "", `</xs:schema>`, `<xs:notation name="png" public="image/png"/></xs:schema>`},
		"notation " + ct + "png: ours absent, theirs declared",
	},
	"same type twice": {
		edit{payloads, `<xs:restriction base="xs:string">`, `</xs:schema>`, `<xs:simpleType name="stIBAN"><xs:restriction base="xs:string"/></xs:simpleType></xs:schema>`},
		"simpleType " + pa + "stIBAN #2: ours absent, theirs declared",
	},
}

// serviceMutations are changes on the WSDL.
var serviceMutations = map[string]mutation{
	"targetNamespace of the WSDL": {
		edit{service, "", `targetNamespace="http://pagopa-api.pagopa.gov.it/paForNode"`, `targetNamespace="urn:new"`},
		"definitions: targetNamespace: ours http://pagopa-api.pagopa.gov.it/paForNode, theirs urn:new",
	},
	"declaration of another language": {
		edit{service, "", `<wsdl:portType`, `<p:Policy xmlns:p="urn:policy"/><wsdl:portType`},
		"{urn:policy}Policy " + svc + ": ours absent, theirs declared",
	},
	"element of a message": {
		edit{service, "", `element="body:paGetPaymentV2Response"`, `element="body:paGetPaymentRes"`},
		"message " + svc + "paGetPaymentV2Response: part bodyresponse/element: ours " + pa + "paGetPaymentV2Response, theirs " + pa + "paGetPaymentRes",
	},
	"name of a part": {
		edit{service, "", `part name="bodyrequest"`, `part name="parameters"`},
		"message " + svc + "paVerifyPaymentNoticeReq: content, position 1: ours part bodyrequest, theirs part parameters",
	},
	"message of an operation": {
		edit{service, "", `<wsdl:output message="svc:paSendRTV2Response"/>`, `<wsdl:output message="svc:paSendRTRes"/>`},
		"portType operation " + svc + "paForNode/paSendRTV2: output/message: ours " + svc + "paSendRTV2Response, theirs " + svc + "paSendRTRes",
	},
	"fault of an operation": {
		edit{service, "", `<wsdl:output message="svc:paSendRTRes"/>`, `<wsdl:output message="svc:paSendRTRes"/><wsdl:fault name="f" message="svc:f"/>`},
		"portType operation " + svc + "paForNode/paSendRT: content, position 3: ours absent, theirs fault f",
	},
	"operation added": {
		edit{service, "", `</wsdl:portType>`, `<wsdl:operation name="paNew"/></wsdl:portType>`},
		"portType operation " + svc + "paForNode/paNew: ours absent, theirs declared",
	},
	"SOAPAction": {
		edit{service, "", `soapAction="paSendRT"`, `soapAction="paSendRTV3"`},
		"binding operation " + svc + "paForNodeBinding/paSendRT: soap:operation/soapAction: ours paSendRT, theirs paSendRTV3",
	},
	"use": {
		edit{service, `soapAction="paSendRT"`, `use="literal"`, `use="encoded"`},
		"binding operation " + svc + "paForNodeBinding/paSendRT: input/soap:body/use: ours literal, theirs encoded",
	},
	"body removed": {
		edit{service, `soapAction="paSendRT"`, `<soap:body use="literal"/>`, ``},
		"binding operation " + svc + "paForNodeBinding/paSendRT: input, position 1: ours soap:body, theirs absent",
	},
	"style": {
		edit{service, "", `style="document"`, `style="rpc"`},
		"binding " + svc + "paForNodeBinding: soap:binding/style: ours document, theirs rpc",
	},
	"transport": {
		edit{service, "", `transport="http://schemas.xmlsoap.org/soap/http"`, `transport="urn:smtp"`},
		"binding " + svc + "paForNodeBinding: soap:binding/transport: ours http://schemas.xmlsoap.org/soap/http, theirs urn:smtp",
	},
	"SOAP 1.2": {
		edit{service, "", `xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"`, `xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap12/"`},
		"binding " + svc + "paForNodeBinding: content, position 1: ours soap:binding, theirs {http://schemas.xmlsoap.org/wsdl/soap12/}binding",
	},
	"type of the binding": {
		edit{service, "", `type="svc:paForNode"`, `type="svc:other"`},
		"binding " + svc + "paForNodeBinding: type: ours " + svc + "paForNode, theirs " + svc + "other",
	},
	"service": {
		edit{service, "", `name="paForNodeService"`, `name="Service"`},
		"service " + svc + "paForNodeService: ours declared, theirs absent",
	},
	"port": {
		edit{service, "", `name="paForNodePort"`, `name="Port"`},
		"service port " + svc + "paForNodeService/paForNodePort: ours declared, theirs absent",
	},
	"address": {
		edit{service, "", `/service/pa/paForNode"`, `/service/pa"`},
		"service port " + svc + "paForNodeService/paForNodePort: soap:address/location: ours http://pagopa-api.pagopa.gov.it/service/pa/paForNode, theirs http://pagopa-api.pagopa.gov.it/service/pa",
	},
}
