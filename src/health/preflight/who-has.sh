# Asks who has an address, from anywhere in its network. Words: ADDRESS, own SOURCE and INTERFACE, three for each VIP.
# Says how this host's cards are known (`own MAC`), who answers (`answers ADDRESS MAC`), and when the time is up and
# everything went well `asked ADDRESS`. A packet socket hears what the firewall drops, and perl-base is on every host.
for each in /sys/class/net/*/address; do read -r mac <"$each" && echo "own $mac"; done

perl -e '
use strict;
use Socket qw(inet_aton inet_pton pack_sockaddr_in6);
my ($seconds, $packet_family, $inet6, $datagram, $raw) = (1.2, 17, 10, 2, 3);
$| = 1;

while (my ($asked, $source, $device) = splice @ARGV, 0, 3) {
  # Each in a process of its own: together they take no longer than one.
  defined(my $child = fork) or die "fork: $!\n";
  next if $child;
  my $index = read_line("/sys/class/net/$device/ifindex");
  my $mac = pack "H12", read_line("/sys/class/net/$device/address") =~ tr/://dr;
  my ($wire, $place, $question, $station_in) =
    $asked =~ /:/ ? by_solicitation($asked, $source, $index, $mac) : by_arp($asked, $source, $index, $mac);
  my %said;
  # Twice, since a packet may get lost.
  for (1, 2) {
    defined send($wire, $question, 0, $place) or die "$asked on $device: $!\n";
    my $left = $seconds / 2;
    my $heard = "";
    vec($heard, fileno($wire), 1) = 1;
    while ($left > 0) {
      (my $found, $left) = select(my $ready = $heard, undef, undef, $left);
      last if $found < 1;
      recv($wire, my $packet, 2048, 0);
      my $station = $station_in->($packet) or next;
      print "answers $asked ", join(":", unpack("(H2)6", $station)), "\n" unless $said{$station}++;
    }
  }
  print "asked $asked\n";
  exit 0;
}
1 while wait != -1;

sub by_arp {
  my ($asked, $source, $index, $mac) = @_;
  my $card = sub { pack "S n l S C C a8", $packet_family, 0x0806, $index, 0, 0, length $_[0], $_[0] };
  socket(my $wire, $packet_family, $datagram, 0) or die "packet socket: $!\n";
  bind($wire, $card->("")) or die "packet socket: $!\n";
  my $head = sub { pack "n n C C n", 1, 0x0800, 6, 4, $_[0] };
  my $question = $head->(1) . $mac . inet_aton($source) . "\0" x 6 . inet_aton($asked);
  return ($wire, $card->("\xff" x 6), $question, sub {
    my ($packet) = @_;
    my $is_answer = substr($packet, 0, 8) eq $head->(2) && substr($packet, 18, 6) eq $mac;
    return $is_answer && substr($packet, 14, 4) eq inet_aton($asked) ? substr($packet, 8, 6) : undef;
  });
}

sub by_solicitation {
  my ($asked, $source, $index, $mac) = @_;
  my ($icmp6, $ipv6, $hops, $loop) = (58, 41, 18, 19);
  my $target = inet_pton($inet6, $asked);
  socket(my $wire, $inet6, $raw, $icmp6) or die "raw socket: $!\n";
  setsockopt($wire, $ipv6, $hops, pack "i", 255) or die "hops: $!\n";
  # Or we would be asked ourselves.
  setsockopt($wire, $ipv6, $loop, pack "i", 0) or die "loop: $!\n";
  bind($wire, pack_sockaddr_in6(0, inet_pton($inet6, $source))) or die "$source: $!\n";
  my $group = inet_pton($inet6, "ff02::1:ff00:0");
  substr($group, 13, 3) = substr($target, 13, 3);
  my $question = pack("C x7", 135) . $target . "\1\1" . $mac;
  return ($wire, pack_sockaddr_in6(0, $group, $index), $question, sub {
    my ($packet) = @_;
    my $is_answer = length $packet >= 32 && ord($packet) == 136 && ord(substr $packet, 4) & 0x40;
    return unless $is_answer && substr($packet, 8, 16) eq $target && substr($packet, 24, 2) eq "\2\1";
    return substr($packet, 26, 6);
  });
}

sub read_line {
  open(my $file, "<", $_[0]) or die "$_[0]: $!\n";
  chomp(my $line = <$file>);
  return $line;
}
' -- "$@"
