#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# What a check says to a massager through the kernel's own drivers.
# Usage: hidraw.pl identity|play|read DEVICE   prints bytes in hexadecimal
#        hidraw.pl reset USB-NODE              resets its port
use strict;
use warnings;

use constant {
        HIDIOCGFEATURE_16 => 0xc0104807,
        USBDEVFS_RESET    => 0x5514,
};

sub say_hex { print unpack("H*", $_[0]), "\n" }

my %verbs = (
        identity => sub {
                my $report = pack("C16", 1);
                my $size = ioctl($_[0], HIDIOCGFEATURE_16, $report) or die "identity: $!\n";
                say_hex(substr($report, 0, $size));
        },
        # Arms, and gives the first motor half a drive. What comes then is the massager's affair.
        play => sub {
                for my $report ("\x05\x01\xfe\x00", pack("CCvCCvv16", 3, 0, 1, 12, 1, 0, 500, (0) x 15)) {
                        defined syswrite($_[0], $report) or die "play: $!\n";
                }
        },
        # usbhid drops what comes within 50 ms of an open, and opens so long.
        read => sub {
                syswrite(STDOUT, "open\n");
                sysread($_[0], my $report, 64) or die "read: $!\n";
                say_hex($report);
        },
        reset => sub { ioctl($_[0], USBDEVFS_RESET, 0) or die "reset: $!\n" },
);

my ($verb, $path) = @ARGV;
die "hidraw.pl: see its first lines\n" unless @ARGV == 2 and $verbs{$verb};
open(my $device, "+<", $path) or die "$path: $!\n";
$verbs{$verb}->($device);
