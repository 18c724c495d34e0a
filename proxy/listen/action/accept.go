package action

import (
	"strconv"
	"strings"

	"github.com/astproxy/astproxy/formats"
)

// accepted is the format that a request's Accept headers like best, or the usual one: where they say
// nothing that there is, too, because who asks for an action wants it done above all.
func accepted(headers []string, usual formats.Format) formats.Format {
	if len(headers) == 0 || len(headers) == 1 && headers[0] == "*/*" {
		return usual
	}
	best, liked := usual, 0.0
	for _, header := range headers {
		for part := range strings.SplitSeq(header, ",") {
			mediaType, parameters, _ := strings.Cut(part, ";")
			format := byMediaType(strings.ToLower(strings.TrimSpace(mediaType)), usual)
			if q := quality(parameters); format != nil && q > liked {
				best, liked = format, q
			}
		}
	}
	return best
}

// byMediaType is the format of that type, the usual one if it is of the kind; nil: there is none.
func byMediaType(mediaType string, usual formats.Format) formats.Format {
	switch mediaType {
	case "*/*":
		return usual
	case "application/json":
		return formats.JSON{}
	case "application/xml", "text/xml":
		switch usual.(type) {
		case formats.XML, formats.MXML:
			return usual
		}
		return formats.XML{}
	case "text/csv":
		return formats.CSV{}
	case "text/plain":
		if _, ok := usual.(formats.CSVLegacy); ok {
			return usual
		}
		return formats.Standard{}
	}
	return nil
}

// quality is what a media range's q says, from 0 to 1 (RFC 9110, 12.4.2).
func quality(parameters string) float64 {
	for parameter := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(parameter, "=")
		if !strings.EqualFold(strings.TrimSpace(name), "q") {
			continue
		}
		q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		if err != nil || q < 0 || q > 1 {
			return 0
		}
		return q
	}
	return 1
}
