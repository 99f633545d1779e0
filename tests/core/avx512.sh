#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# make check-avx512: runs the tests of the AVX-512 kernels on a processor that Bochs emulates, with Debian's
# kernel. Takes some minutes.
#
# Needs Debian's bochs, bochsbios, bochs-term, vgabios, genisoimage and apt, and the network the first time: a
# kernel, a boot loader and busybox (about 30 MB) are downloaded from Debian's mirror into AVX512_ROOT. This
# needs no root, and the system is not changed.
#
# TESTS: names of tests. Of a test that select_cases () lists, only the cases that use these kernels run.
# TEST_PRODUCTS: the largest number of products in a layer of the tests; without a limit they take an hour.
# TIMEOUT: seconds after which the emulator is stopped. Exit status 77: something is missing.
set -eu
root=${AVX512_ROOT:-$PWD/avx512}
tests=${TESTS:-test-simd test-conv test-gram test-moments test-content}
image=$root/image
iso=$root/iso

missing() {
  echo "check-avx512: $1"
  exit 77
}

[ "$(uname -m)" = x86_64 ] || missing "this processor is not x86-64"
for file in /usr/bin/bochs-bin /usr/lib/*/bochs/plugins/libbx_term_gui.so /usr/share/bochs/BIOS-bochs-latest \
            /usr/share/vgabios/vgabios.bin /usr/bin/genisoimage /usr/bin/apt-get; do
  [ -f "$file" ] || missing "$file is missing: apt install bochs bochsbios bochs-term vgabios genisoimage"
done
for test in $tests; do
  [ -x "tests/core/$test" ] || missing "tests/core/$test is not built"
done

fetch() (
  apt=$root/apt
  rm -rf "$apt" &&
  mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$apt/files" &&
  : >"$apt/status" &&
  cd "$apt" &&
  set -- -qq -o Dir::State="$apt" -o Dir::State::status="$apt/status" -o Dir::Cache="$apt" \
    -o Acquire::http::Timeout=60 -o APT::Sandbox::User=root &&
  apt-get "$@" update &&
  kernel=$(apt-cache "$@" depends linux-image-cloud-amd64 \
    | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p') &&
  apt-get "$@" download "$kernel" busybox-static isolinux syslinux-common &&
  for package in *.deb; do
    dpkg-deb --extract "$package" files || return
  done &&
  cp files/boot/vmlinuz-* ../vmlinuz &&
  find files -type f \( -path '*/bin/busybox' -o -name isolinux.bin -o -path '*/bios/ldlinux.c32' \) \
    -exec cp {} .. \; &&
  rm -r "$apt"
)

for file in vmlinuz busybox isolinux.bin ldlinux.c32; do
  [ -f "$root/$file" ] || { fetch >/dev/null && [ -f "$root/$file" ]; } \
    || missing "Debian's $file could not be fetched"
done

# select_cases TEST: prints the test's arguments, which select the cases to run.
select_cases() {
  case $1 in
    test-simd) echo -p /core/simd/avx512 ;;
    test-conv) echo -p /core/conv/thin/avx512 -p /core/conv/winograd4/avx512 -p /core/conv/winograd6/avx512 ;;
    test-gram) echo -p /core/gram/3x5x64-head70 ;;
    test-moments) echo -p /core/moments/add/3x5x64-head70 -p /core/moments/weighted/3x5x64-head70 ;;
    test-content) echo -p /core/content/distance/3x5x64-head70 -p /core/content/weighted/3x5x64-head70 ;;
  esac
}

# Prints the script that the kernel starts. A test that does not find AVX-512 warns, and so fails.
init() {
  cat <<EOF
#!/bin/busybox sh
export PATH=/bin PASTICHE_SIMD=avx512 OPENBLAS_NUM_THREADS=1 OPENBLAS_CORETYPE=Haswell
export TEST_PRODUCTS=${TEST_PRODUCTS:-750000}
busybox stty -onlcr
busybox mount -t devtmpfs dev /dev
busybox mount -t proc proc /proc
for flag in avx512f avx512dq avx512vl; do
  busybox grep -qw \$flag /proc/cpuinfo || echo "# exit: no \$flag in the emulated processor"
done
EOF
  for test in $tests; do
    echo "echo '# start: $test'; /bin/$test --tap $(select_cases "$test"); echo \"# exit: \$?\""
  done
  echo "echo '# end'; busybox poweroff -f"
}

rm -rf "$image" "$iso"
mkdir -p "$image/bin" "$image/dev" "$image/proc" "$image/tmp" "$iso"
cp "$root/busybox" "$image/bin/"
for test in $tests; do
  cp "tests/core/$test" "$image/bin/"
  ldd "tests/core/$test"
done | grep -o '/[^ ]*' | sort -u | while read -r library; do
  install -D "$library" "$image$library"
done
init >"$image/init"
chmod +x "$image/init"
(cd "$image" && find . | bin/busybox cpio -o -H newc) >"$iso/initrd" 2>/dev/null
cp "$root/vmlinuz" "$root/isolinux.bin" "$root/ldlinux.c32" "$iso/"

# clearcpuid: the kernel would disable AVX-512, because it expects another size of the XSAVES area than Bochs
# reports. tsc_early_khz: the clock that ips= sets below.
options="console=ttyS0,115200 quiet clearcpuid=xsavec,xsaves tsc_early_khz=50000 cryptomgr.notests"
cat >"$iso/isolinux.cfg" <<EOF
default vmlinuz initrd=initrd $options mitigations=off panic=-1 reboot=triple
EOF
genisoimage -quiet -o "$root/boot.iso" -b isolinux.bin -c boot.cat -no-emul-boot \
  -boot-load-size 4 -boot-info-table "$iso"

cat >"$root/bochsrc" <<EOF
display_library: term
cpu: model=corei7_skylake_x, ips=50000000, reset_on_triple_fault=0
memory: guest=512, host=512
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/vgabios/vgabios.bin
ata0-master: type=cdrom, path="$root/boot.iso", status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=/dev/fd/3
sound: driver=dummy
plugin_ctrl: speaker=0, es1370=0, sb16=0
log: $root/bochs.log
panic: action=fatal
EOF
echo continue >"$root/debugger"     # Debian's Bochs has a debugger, which waits for a command

emulate() {
  TERM=vt100 timeout --foreground -s KILL "${TIMEOUT:-1800}" bochs-bin -q \
    -f "$root/bochsrc" -rc "$root/debugger" 3>&1 >"$root/screen.log" 2>&1 </dev/null || true
}

emulate | tee "$root/serial.log" | {
  passed=0 failed=0 before=0 test=boot ended=
  fail() {
    echo "not ok $test: $1"
    failed=$((failed + 1))
  }

  while read -r line; do
    case $line in
      "ok "*) echo "ok ${line#ok * }"; passed=$((passed + 1)) ;;
      "# start: "*) test=${line#*: } before=$passed ;;
      "# exit: 0") [ $passed -gt $before ] || fail "ran nothing" ;;
      "# exit: "*) fail "ended with ${line#*: }" ;;
      "# end") ended=yes ;;
      "not ok "* | *pastiche:ERROR:* | *pastiche-* | *panic*) echo "# $line" ;;
    esac
  done
  [ -n "$ended" ] || fail "the emulator has stopped; its log, and what it printed, are in $root"
  echo "$passed passed, $failed failed"
  [ $failed = 0 ]
}
