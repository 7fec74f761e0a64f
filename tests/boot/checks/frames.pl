#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# What was sent and what arrived, in one form, to be compared line by line: SEQUENCE L0 … L11.
#   frames.pl usbmon   from the kernel's monitor: frames that were submitted and completed
#   frames.pl record   from the massager's record
#   frames.pl gap      from the record: that the motors were still within a second of the last frame
use strict;
use warnings;

my ($what) = @ARGV;
my ($last_frame, $still) = (0, 0);

sub from_usbmon {
    # ADDRESS TIME S Io:BUS:DEVICE:ENDPOINT STATUS[:INTERVAL] LENGTH = WORDS…
    while (<STDIN>) {
        next unless /^\S+ \d+ S Io:\d+:\d+:\d+ \S+ 40 = ([0-9a-f ]+)$/;
        (my $hex = $1) =~ tr/ //d;
        my ($id, $first, $sequence, $count, $flags, $frequency, @levels) =
            unpack("CCvCCvv12", pack("H*", $hex));
        next unless $id == 3;
        print join(" ", $sequence, @levels), "\n";
    }
}

sub from_record {
    while (<STDIN>) {
        print "$1\n" if /^\d+ frame (\d+(?: \d+)+)$/;
    }
}

sub check_gap {
    while (<STDIN>) {
        my ($ms, $kind, @rest) = split;
        $last_frame = $ms if $kind eq "frame";
        $still = $ms if $kind eq "motor" && !grep { $_ } @rest;
    }
    print "the last frame at $last_frame ms, still at $still ms\n";
    exit($still > $last_frame && $still - $last_frame <= 1000 ? 0 : 1);
}

if ($what eq "usbmon") { from_usbmon() }
elsif ($what eq "record") { from_record() }
elsif ($what eq "gap") { check_gap() }
else { die "frames.pl usbmon|record|gap\n" }
