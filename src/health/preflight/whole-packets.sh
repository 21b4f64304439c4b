# Asks others by ping, with a small packet and with one that fills the interface and must not be cut on its way. Words:
# INTERFACE, own SOURCE and ADDRESS, three for each of them. Says `small ADDRESS` and `whole ADDRESS BYTES` for what was
# answered, and when the time is up and everything went well `pinged`. perl-base is on every host, ping is not.
perl -e '
use strict;
use Socket qw(inet_aton pack_sockaddr_in);
my ($inet, $raw, $icmp, $ip, $mtu_discover, $probe) = (2, 3, 1, 0, 10, 3);
my ($headers, $rounds, $seconds) = (28, 2, 1);
my (%wires, @asked);

while (my ($device, $source, $address) = splice @ARGV, 0, 3) {
  my $wire = $wires{"$device $source"} //= open_wire($device, $source);
  my $mtu = read_line("/sys/class/net/$device/mtu");
  # The largest that an echo can be, whatever the interface takes (a loopback takes 65536).
  $mtu = 65535 if $mtu > 65535;
  push @asked, { wire => $wire, address => $address, size => 56, line => "small $address" };
  push @asked, { wire => $wire, address => $address, size => $mtu - $headers, line => "whole $address $mtu" };
}
my $identifier = $$ & 0xffff;
for (1 .. $rounds) {
  for my $number (grep { !$asked[$_]{answered} } 0 .. $#asked) {
    my ($wire, $address, $size) = @{ $asked[$number] }{qw(wire address size)};
    # One that does not fit, or to nobody, is one without an answer.
    send($wire, echo($number, $size), 0, pack_sockaddr_in(0, inet_aton($address)));
  }
  gather();
}
print "$_->{line}\n" for grep { $_->{answered} } @asked;
print "pinged\n";

sub gather {
  my $left = $seconds;
  while ($left > 0 && grep { !$_->{answered} } @asked) {
    my $heard = "";
    vec($heard, fileno($_), 1) = 1 for values %wires;
    (my $found, $left) = select(my $ready = $heard, undef, undef, $left);
    last if $found < 1;
    for my $wire (grep { vec($ready, fileno($_), 1) } values %wires) {
      recv($wire, my $packet, 65535, 0);
      my $start = (ord($packet) & 15) * 4;
      next if length $packet < $start + 8;
      my ($kind, $id, $number) = (unpack "C x3 n n", substr $packet, $start)[0, 1, 2];
      next unless $kind == 0 && $id == $identifier && $number < @asked;
      my $each = $asked[$number];
      $each->{answered} = 1 if length($packet) - $start == $each->{size} + 8;
    }
  }
}

sub open_wire {
  my ($device, $source) = @_;
  socket(my $wire, $inet, $raw, $icmp) or die "raw socket: $!\n";
  # Never cut, by what the interface takes and not by what somebody once said of the way.
  setsockopt($wire, $ip, $mtu_discover, pack "i", $probe) or die "fragments: $!\n";
  bind($wire, pack_sockaddr_in(0, inet_aton($source))) or die "$source on $device: $!\n";
  return $wire;
}

sub echo {
  my ($number, $size) = @_;
  my $rest = pack("n n", $identifier, $number) . "\0" x $size;
  my $sum = 0x0800;
  $sum += $_ for unpack "n*", $rest . (length($rest) % 2 ? "\0" : "");
  $sum = ($sum >> 16) + ($sum & 0xffff) while $sum >> 16;
  return pack("C C n", 8, 0, ~$sum & 0xffff) . $rest;
}

sub read_line {
  open(my $file, "<", $_[0]) or die "$_[0]: $!\n";
  chomp(my $line = <$file>);
  return $line;
}
' -- "$@"
