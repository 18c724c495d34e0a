// Package foreign holds nothing but tests: they drive manager clients that others wrote for
// Asterisk, unchanged, and want the proxy to be as good as Asterisk to them.
//
// The libraries are panoramisk (Python), asterisk-manager (npm) and Telephony::Asterisk::AMI (Perl);
// install.sh gets them. Each is driven by a script in testdata, which takes actions on stdin and tells
// on stdout what the library reports. A session is played twice, directly and through the proxy, and
// the library must report the same. Asterisk is the simulated one, and the real ones of test/asterisk
// where those are wanted.
package foreign
