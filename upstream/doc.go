// Package upstream keeps one supervised AMI session with each Asterisk.
package upstream
