# Drives Telephony::Asterisk::AMI: actions come as JSON on stdin, one a line, what the library reports
# goes to stdout, one fact a line. The library reads only when it is told to: an action {} has it read
# one message.
#
# usage: client.pl HOST PORT USERNAME SECRET
use strict;
use warnings;
use JSON::PP;
use Telephony::Asterisk::AMI;

$| = 1;
sub report { my ($fact, @messages) = @_; print encode_json({ fact => $fact, messages => \@messages }), "\n" }

my ($host, $port, $username, $secret) = @ARGV;
my $ami = Telephony::Asterisk::AMI->new(
    Host => $host, Port => $port, Username => $username, Secret => $secret,
    Event_Callback => sub { report(event => $_[0]) },
);
if ($ami->connect) { report('login') }
else { report(refused => { Message => $ami->error }) }

while (my $line = <STDIN>) {
    my $action = decode_json($line);
    if (%$action) { report(answer => $ami->action($action)); next }
    my $message = $ami->read_response;
    if (($message->{Message} // '') =~ /^Reading from socket failed/) { report('closed') }
    else { report(event => $message) }
}
