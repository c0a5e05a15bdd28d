package middleware

import (
	"fmt"
	"io"
)

// String names the middleware without anything it holds.
func (m *Middleware) String() string { return "middleware.Middleware" }

// Format is String for every verb.
func (m *Middleware) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, m.String()) }

// Format is Error for every verb.
func (f *Failure) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, f.Error()) }

// String names the choice without anything it holds.
func (c *Choice) String() string { return "middleware.Choice" }

// Format is String for every verb.
func (c *Choice) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }
