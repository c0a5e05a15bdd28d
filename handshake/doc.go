// Package handshake decides who a request is from: signed in, signed out, to be
// redirected through the Frontend API (the handshake), or not to be found out
// just now. It is a state machine without transport: package middleware and the
// adapters feed it.
package handshake
