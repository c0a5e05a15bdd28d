package clerkkit_test

import (
	"fmt"
	"go/scanner"
	"go/token"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// hardEnglish are words and phrases that make comments, messages and documents hard to
// read, with what to write instead. The patterns are split so that this file does not
// match them.
var hardEnglish = []struct {
	instead string
	pattern *regexp.Regexp
}{
	{"name the subject: callers, anyone, the client", phrase("who" + "ever|whom" + "ever|who" + "soever")},
	{"also, except, other than", phrase("be" + "sides")},
	{"fix, repair", phrase("me" + "nd|me" + "nds|me" + "nded|me" + "nding")},
	{"such as", phrase("the li" + "kes|the li" + "kes of")},
	{"start with, entry points", phrase("do" + "ors|the do" + "or|front do" + "or")},
	{"the time limit or the wait that is meant", phrase("pa" + "tience")},
	{"empty, without required content", phrase("hol" + "low")},
	{"respect, follow", phrase("he" + "eds?|he" + "eded")},
	{"not trusted, no one's", phrase("nobo" + "dy's")},
	{"runs before, wraps", phrase("stan" + "ds above|stan" + "d above")},
	{"is done by, is checked by", phrase("the busi" + "ness of|busi" + "ness with")},
	{"silently", phrase("without a wo" + "rd")},
	{"alternately", phrase("turn and tu" + "rn about")},
	{"does, makes sure", phrase("se" + "es to it|se" + "e to it")},
	{"checks", phrase("has an opi" + "nion")},
	{"guarantees, proves", phrase("vou" + "ch for|vou" + "ches for")},
	{"redacted, removed", phrase("blot" + "ted out|bl" + "ots out")},
	{"the result, what happened", phrase("ca" + "me of it|co" + "mes of it")},
	{"forever", phrase("for ev" + "er")},
	{"your own, our own", phrase("of yo" + "urs|of ou" + "rs")},
}

// phrase matches any of the alternatives as whole words, in any case, across line breaks
// and comment markers.
func phrase(alternatives string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)\b(?:` + strings.ReplaceAll(alternatives, " ", `(?:\s|//|#)+`) + `)\b`)
}

// englishLater are rooms whose texts were not revised yet: a file, the files of a folder,
// or, with a final slash, a folder with all below it. The list may only become shorter: a
// room without a hit must be removed.
var englishLater = []string{
	"clerk/clerktest/",
}

// proseOf returns the comments and string literals of a Go file, or the whole text of a
// document, a script or a description. ok is false for other files.
func proseOf(name string, data []byte) (prose []string, ok bool) {
	switch path.Ext(name) {
	case ".md", ".yaml", ".yml", ".sh", ".mjs", ".html":
		return []string{string(data)}, true
	case ".go":
	default:
		return []string{string(data)}, name == "Makefile" || name == ".ci/run"
	}
	fset := token.NewFileSet()
	var s scanner.Scanner
	s.Init(fset.AddFile(name, fset.Base(), len(data)), data, nil, scanner.ScanComments)
	var comment strings.Builder // consecutive comments are one text
	for {
		_, tok, lit := s.Scan()
		if tok == token.COMMENT {
			comment.WriteString(lit + "\n")
			continue
		}
		if comment.Len() > 0 {
			prose = append(prose, comment.String())
			comment.Reset()
		}
		switch tok {
		case token.STRING:
			prose = append(prose, lit)
		case token.EOF:
			return prose, true
		default:
		}
	}
}

// hardIn lists the hard words in a file with what to write instead.
func hardIn(name string, data []byte) (hits []string) {
	prose, ok := proseOf(name, data)
	if !ok {
		return nil
	}
	for _, text := range prose {
		text = strings.ReplaceAll(text, "Azure Front Do"+"or", "") // a product
		for _, h := range hardEnglish {
			for _, hit := range h.pattern.FindAllString(text, -1) {
				hits = append(hits, fmt.Sprintf("%s: %q: write %s", name, strings.Join(strings.Fields(hit), " "), h.instead))
			}
		}
	}
	return hits
}

// TestPlainEnglish refuses words that are hard to read, outside of the rooms that are
// still to be revised.
func TestPlainEnglish(t *testing.T) {
	later := make(map[string]int)
	for _, room := range englishLater {
		later[room] = 0
	}
	for _, f := range tree(t) {
		if strings.Contains("/"+f.path, "/testdata/") {
			continue
		}
		room := ""
		for _, r := range englishLater {
			if r == f.path || r == path.Dir(f.path) || strings.HasSuffix(r, "/") && strings.HasPrefix(f.path, r) {
				room = r
			}
		}
		hits := hardIn(f.path, f.data)
		if room != "" {
			later[room] += len(hits)
			continue
		}
		for _, hit := range hits {
			t.Error(hit)
		}
	}
	for _, room := range slices.Sorted(maps.Keys(later)) {
		if later[room] == 0 {
			t.Errorf("%s has no hard words left: remove it from englishLater", room)
		}
	}
}

func TestPlainEnglishBites(t *testing.T) {
	for text, want := range map[string]int{
		"// Who" + "ever calls it\nvar x = 1":                              1,
		"// is the busi" + "ness\n// of\nvar x = 1":                        1,
		"var x = \"me" + "nd it\"":                                         1,
		"// recommend, emended, be" + "side, business logic\nvar x = 1":    0,
		"var indoors = 1 // outdoors":                                      0,
		"// A comment, then code with a name:\nvar pa" + "tience = \"no\"": 0,
	} {
		if got := hardIn("x.go", []byte("package x\n\n"+text+"\n")); len(got) != want {
			t.Errorf("%q: %q, want %d", text, got, want)
		}
	}
}
