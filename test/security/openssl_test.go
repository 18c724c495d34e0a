package security_test

import (
	"strings"
	"testing"
)

const session = "Action: Login\r\nUsername: user\r\nSecret: hunter2\r\nEvents: off\r\n\r\nAction: Ping\r\nActionID: 1\r\n\r\nAction: Logoff\r\n\r\n"

func TestOpenSSLTalksToAnAMISListener(t *testing.T) {
	needOpenSSL(t)
	for _, scheme := range []string{"amis", "ami+amis"} {
		t.Run(scheme, func(t *testing.T) {
			address := serve(t, scheme+"://127.0.0.1:0", "")
			said := openssl(t, address, session, "-quiet", "-ign_eof")
			for _, want := range []string{"Asterisk Call Manager/", "Authentication accepted", "Goodbye"} {
				if !strings.Contains(said, want) {
					t.Errorf("there is no %q in %s", want, said)
				}
			}
		})
	}
}

// What a scanner of TLS would look at.
//
//astproxy:attack
func TestOpenSSLFindsNothingOld(t *testing.T) {
	needOpenSSL(t)
	address := serve(t, "https://127.0.0.1:0", "")
	for _, modern := range [][]string{{"-tls1_2"}, {"-tls1_3"}} {
		if said := openssl(t, address, "", modern...); !strings.Contains(said, "Cipher    : ") && !strings.Contains(said, "Cipher is TLS_") {
			t.Errorf("%v is refused: %s", modern, said)
		}
	}
	for _, old := range [][]string{
		{"-tls1", "-cipher", "ALL:@SECLEVEL=0"},
		{"-tls1_1", "-cipher", "ALL:@SECLEVEL=0"},
		{"-tls1_2", "-cipher", "RC4:3DES:NULL:EXPORT:@SECLEVEL=0"},
		{"-tls1_2", "-cipher", "kRSA:@SECLEVEL=0"},
	} {
		if said := openssl(t, address, "", old...); !strings.Contains(said, "Cipher is (NONE)") && !strings.Contains(said, "no cipher match") &&
			!strings.Contains(said, "alert") {
			t.Errorf("%v is spoken: %s", old, said)
		}
	}
}
