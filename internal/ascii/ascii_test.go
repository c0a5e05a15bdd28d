package ascii

import "testing"

func TestRules(t *testing.T) {
	for s, want := range map[string][2]bool{
		"":        {true, true},
		"sk_!~":   {true, true},
		"a b":     {true, false},
		"a\tb":    {false, false},
		"a\r\nb":  {false, false},
		"\x00":    {false, false},
		"\x7f":    {false, false},
		"\u00e9":  {false, false},
		"a\u2028": {false, false},
		"\xff":    {false, false},
	} {
		if got := [2]bool{Printable(s), Visible(s)}; got != want {
			t.Errorf("%q: %v, want %v", s, got, want)
		}
	}
}
