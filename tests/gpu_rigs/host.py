"""The rest of a machine: an idle computer with two cores and 4 GB, and libdrm's list of names."""

STAT = '''\
cpu  629876 0 326777 51832679 53515 0 22170 37468 0 0
cpu0 307470 0 168573 25920214 26711 0 10685 17735 0 0
cpu1 322406 0 158204 25912465 26804 0 11485 19733 0 0
ctxt 60218440
btime 1757318400
processes 88210
procs_running 1
procs_blocked 0'''

MEMINFO = '\n'.join(f'{name + ":":<15} {kibibytes:>8} kB' for name, kibibytes in {
    'MemTotal': 4020312, 'MemFree': 2114880, 'MemAvailable': 3384116, 'Buffers': 61204, 'Cached': 1321408,
    'SwapCached': 0, 'Active': 455892, 'Inactive': 1195132, 'Unevictable': 0, 'Mlocked': 0, 'SwapTotal': 0,
    'SwapFree': 0, 'Dirty': 104, 'Writeback': 0, 'AnonPages': 268412, 'Mapped': 148212, 'Shmem': 5120,
    'Slab': 150036, 'SReclaimable': 101220, 'SUnreclaim': 48816, 'PageTables': 4120, 'CommitLimit': 2010156,
    'Committed_AS': 812044}.items())

CPUINFO = '\n'.join(f'''\
processor\t: {cpu}
vendor_id\t: GenuineIntel
cpu family\t: 6
model\t\t: 106
model name\t: Intel Xeon Processor (Icelake)
stepping\t: 0
microcode\t: 0x1
cpu MHz\t\t: 2394.374
cache size\t: 16384 KB
physical id\t: 0
siblings\t: 2
core id\t\t: {cpu}
cpu cores\t: 2
''' for cpu in range(2))

AMDGPU_IDS = '''\
# Marketing names of amdgpu devices: device ID, revision ID, name
1.0.0
15BF,\tC1,\tAMD Radeon 780M Graphics
15DD,\tC6,\tAMD Radeon Vega 11 Graphics
163F,\tAE,\tAMD Custom GPU 0405
67DF,\tE7,\tAMD Radeon RX 580
687F,\tC1,\tRadeon RX Vega
699F,\tC7,\tAMD Radeon RX 550 / 550 Series
73BF,\tC0,\tAMD Radeon RX 6900 XT
73BF,\tC1,\tAMD Radeon RX 6800 XT
73BF,\tC3,\tAMD Radeon RX 6800
73FF,\tC1,\tAMD Radeon RX 6600 XT
7408,\t00,\tAMD Instinct MI250X
740F,\t02,\tAMD Instinct MI210
744C,\tC8,\tAMD Radeon RX 7900 XTX
744C,\tCC,\tAMD Radeon RX 7900 XT
7550,\tC0,\tAMD Radeon RX 9070 XT
74A1,\t00,\tAMD Instinct MI300X
75A3,\t00,\tAMD Instinct MI355X'''


def add_proc(tree, kernel):
    for name, text in {'stat': STAT, 'meminfo': MEMINFO, 'loadavg': '0.02 0.03 0.00 1/131 88214',
                       'cpuinfo': CPUINFO, 'mdstat': 'Personalities :\nunused devices: <none>',
                       'sys/kernel/osrelease': kernel}.items():
        tree.write(name, text)


def add_process(tree, pid, comm, cgroup):
    fields = (f'{pid} ({comm}) S 1 {pid} {pid} 0 -1 4194304 48211 0 12 0 5120 811 0 0 20 0 14 0 20411 '
              '9122508800 161204 18446744073709551615')
    tree.write(f'{pid}/comm', comm)
    tree.write(f'{pid}/cgroup', f'0::{cgroup}')
    tree.write(f'{pid}/stat', f'{fields}{" 0" * 27}')
