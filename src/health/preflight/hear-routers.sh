# Hears VRRP adverts for `seconds`. Words: own SOURCE and INTERFACE, two for each network that has a VIP. Says
# `hears INTERFACE SOURCE VRID` for each router, and when the time is up and everything went well `listened`. Unicast adverts of
# others to each other can not be heard. A packet socket hears what the firewall drops; perl-base is on every host.
: "${seconds:?}"

perl -e '
use strict;
use Socket qw(inet_aton inet_ntoa inet_pton inet_ntop);
my ($seconds, @networks) = @ARGV;
my ($packet_family, $inet, $inet6, $datagram, $vrrp) = (17, 2, 10, 2, 112);
my (@wires, @groups);

while (my ($source, $device) = splice @networks, 0, 2) {
  open(my $file, "<", "/sys/class/net/$device/ifindex") or die "$device: $!\n";
  chomp(my $index = <$file>);
  my $is_v6 = $source =~ /:/;
  # Asked for, so that a switch that watches who wants them passes them on. pack_ip_mreq is not in perl-base.
  socket(my $group, $is_v6 ? $inet6 : $inet, $datagram, 0) or die "socket: $!\n";
  my $joined = $is_v6
    ? setsockopt($group, 41, 20, inet_pton($inet6, "ff02::12") . pack("I", $index))
    : setsockopt($group, 0, 35, inet_aton("224.0.0.18") . inet_aton($source));
  $joined or die "group of VRRP on $device: $!\n";
  push @groups, $group;
  socket(my $wire, $packet_family, $datagram, 0) or die "packet socket: $!\n";
  # The kernel sorts out what is no VRRP: a busy host has other packets by the thousand.
  my $filter = pack "(S C C L)4", 0x30, 0, 0, $is_v6 ? 6 : 9, 0x15, 0, 1, $vrrp, 0x06, 0, 0, 2048, 0x06, 0, 0, 0;
  setsockopt($wire, 1, 26, pack("S x![P] P", 4, $filter)) or die "filter: $!\n";
  my $protocol = $is_v6 ? 0x86dd : 0x0800;
  bind($wire, pack "S n l S C C a8", $packet_family, $protocol, $index, 0, 0, 0, "") or die "$device: $!\n";
  push @wires, [$wire, $is_v6, $device];
}

my %said;
my $left = $seconds;
while ($left > 0 && @wires) {
  my $heard = "";
  vec($heard, fileno($_->[0]), 1) = 1 for @wires;
  (my $found, $left) = select(my $ready = $heard, undef, undef, $left);
  last if $found < 1;
  for my $each (grep { vec($ready, fileno($_->[0]), 1) } @wires) {
    my ($wire, $is_v6, $device) = @$each;
    recv($wire, my $packet, 2048, 0);
    my $start = $is_v6 ? 40 : (ord($packet) & 15) * 4;
    next if length $packet < $start + 2;
    my $router = $is_v6 ? inet_ntop($inet6, substr $packet, 8, 16) : inet_ntoa(substr $packet, 12, 4);
    my $line = "hears $device $router " . ord(substr $packet, $start + 1, 1) . "\n";
    print $line unless $said{$line}++;
  }
}
print "listened\n";
' -- "$seconds" "$@"
