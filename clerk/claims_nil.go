package clerk

// noClaims is what a nil *Claims reads as: [Auth.Claims] returns one where there is no
// token, and an application may go on from there without a check.
var noClaims = &Claims{firstFactor: -1, secondFactor: -1}

func (c *Claims) read() *Claims {
	if c == nil {
		return noClaims
	}
	return c
}
