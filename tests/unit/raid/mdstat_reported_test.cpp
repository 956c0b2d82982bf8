// Contents of /proc/mdstat from public bug reports and forums. Spaces that were lost when the text
// was posted are restored as the kernel prints them.
#include "raid/mdstat_summary.h"
#include "support/catch.h"

using rig::summary;

TEST_CASE(
    "mdstat from public reports: healthy arrays of every level, with and without a metadata "
    "version") {
  CHECK(
      summary(
          R"(Personalities : [raid1] [linear] [multipath] [raid0] [raid6] [raid5] [raid4] [raid10] 
md2 : active raid1 sdb2[1] sda2[0]
      467668992 blocks super 1.2 [2/2] [UU]
      bitmap: 2/4 pages [8KB], 65536KB chunk

unused devices: <none>
)") == "md2 active raid1, 467668992 KiB, 1.2, 2/2 UU, sdb2[1] sda2[0], bitmap 2/4 of 65536\n");
  CHECK(summary(R"(md127 : active raid1 sdi2[0] sdj2[1]
      312319552 blocks [2/2] [UU]
)") == "md127 active raid1, 312319552 KiB, 2/2 UU, sdi2[0] sdj2[1]\n");
  CHECK(
      summary(R"(md0 : active raid6 sdf3[0] sdd3[7] sdg3[6] sdh3[5] sdc3[4] sdb3[2] sda3[3] sde3[1]
      46824429696 blocks super 1.0 level 6, 64k chunk, algorithm 2 [8/8] [UUUUUUUU]
      bitmap: 21/59 pages [84KB], 65536KB chunk
)") == "md0 active raid6, 46824429696 KiB, 1.0, chunk 64, algorithm 2, 8/8 UUUUUUUU,"
       " sdf3[0] sdd3[7] sdg3[6] sdh3[5] sdc3[4] sdb3[2] sda3[3] sde3[1], bitmap 21/59 of 65536\n");
  CHECK(summary(R"(md1 : active raid0 sdc1[1] sdb1[0]
      35840768 blocks 64k chunks
)") == "md1 active raid0, 35840768 KiB, chunk 64, sdc1[1] sdb1[0]\n");
  CHECK(summary(R"(md12 : active raid0 sdc2[0] sdd2[1]
      3886394368 blocks super 1.2 512k chunks
)") == "md12 active raid0, 3886394368 KiB, 1.2, chunk 512, sdc2[0] sdd2[1]\n");
  CHECK(summary(R"(md_d0 : active raid5 sde1[0] sdf1[4] sdb1[5] sdd1[2] sdc1[1]
      1250241792 blocks super 1.2 level 5, 64k chunk, algorithm 2 [5/5] [UUUUU]
      bitmap: 0/10 pages [0KB], 16384KB chunk
)") == "md_d0 active raid5, 1250241792 KiB, 1.2, chunk 64, algorithm 2, 5/5 UUUUU,"
       " sde1[0] sdf1[4] sdb1[5] sdd1[2] sdc1[1], bitmap 0/10 of 16384\n");
}

TEST_CASE("mdstat from public reports: linear arrays have a rounding and no chunk size") {
  CHECK(
      summary(
          R"(Personalities : [linear] [multipath] [raid0] [raid1] [raid6] [raid5] [raid4] [raid10] 
md0 : active linear sdb1[2] sda1[1] hdc1[0]
      507934848 blocks 64k rounding
      
unused devices: <none>
)") == "md0 active linear, 507934848 KiB, sdb1[2] sda1[1] hdc1[0]\n");
  CHECK(summary(R"(md3 : active linear sdd5[3] sdc5[2] sdb5[1] sda5[0]
      78093217726 blocks super 1.2 0k rounding
)") == "md3 active linear, 78093217726 KiB, 1.2, sdd5[3] sdc5[2] sdb5[1] sda5[0]\n");
  CHECK(summary(R"(md2 : active linear sde1[0]
      3906764928 blocks super 1.2
)") == "md2 active linear, 3906764928 KiB, 1.2, sde1[0]\n");
}

TEST_CASE("mdstat from public reports: multipath arrays, healthy and with all paths failed") {
  CHECK(summary(R"(md254 : active multipath sdb[1] sdd[0]
      1000000 blocks [2/2] [UU]

md255 : active multipath sda[1](F) sdc[0](F)
      1000000 blocks [2/0] [__]
)") == "md254 active multipath, 1000000 KiB, 2/2 UU, sdb[1] sdd[0]\n"
       "md255 active multipath, 1000000 KiB, 2/0 __, sda[1]:F sdc[0]:F\n");
}

TEST_CASE("mdstat from public reports: arrays without metadata") {
  CHECK(summary(R"(md0 : active raid0 sdb[1] sdc[0]
      2930277120 blocks super non-persistent 64k chunks
)") == "md0 active raid0, 2930277120 KiB, non-persistent, chunk 64, sdb[1] sdc[0]\n");
  CHECK(summary(R"(md0 : inactive sda1[0] sdb1[1]
      1465143808 blocks super non-persistent
)") == "md0 inactive, 1465143808 KiB, non-persistent, sda1[0] sdb1[1]\n");
}

TEST_CASE(
    "mdstat from public reports: 2.4 kernels, with devfs names and the status on the first line") {
  CHECK(summary(R"(Personalities : [raid0] [raid1] 
read_ahead 1024 sectors
md0 : active raid1 ide/host0/bus1/target1/lun0/part1[1] ide/host0/bus0/target0/lun0/part1[0]
      248896 blocks [2/2] [UU]
      
unused devices: <none>
)") == "md0 active raid1, 248896 KiB, 2/2 UU,"
       " ide/host0/bus1/target1/lun0/part1[1] ide/host0/bus0/target0/lun0/part1[0]\n");
  CHECK(summary(R"(Personalities : [raid1]
read_ahead 1024 sectors
Event: 8
md0 : active raid1 sdb1[2] sda1[1]
      2097024 blocks [2/1] [_U]
      [>....................]  recovery =  0.4% (10168/2097024) finish=23.8min speed=1452K/sec
unused devices: <none>
)") == "md0 active raid1, 2097024 KiB, 2/1 _U, sdb1[2] sda1[1],"
       " recovery 10168/2097024 23.8min 1452K/s\n");
  CHECK(summary(R"(Personalities : [raid0] [raid5]
read_ahead 1024 sectors
md0 : active raid5 sdf1[4](F) sde1[3] sdd1[2] sdc1[1] sdb1[0]
      468872704 blocks level 5, 64k chunk, algorithm 0 [5/4] [UUUU_]

unused devices: <none>
)") == "md0 active raid5, 468872704 KiB, chunk 64, algorithm 0, 5/4 UUUU_,"
       " sdf1[4]:F sde1[3] sdd1[2] sdc1[1] sdb1[0]\n");
  CHECK(summary(R"(Personalities : [linear] [raid0] [raid1] [raid5]
read_ahead 1024 sectors
md0 : active raid5 sdf5[3] sde5[2] sdd5[1] sdb5[0] 12698880 blocks level 5, 32k chunk, algorithm 2 [4/4] [UUUU]
unused devices: <none>
)") == "md0 active raid5, 12698880 KiB, chunk 32, algorithm 2, 4/4 UUUU,"
       " sdf5[3] sde5[2] sdd5[1] sdb5[0]\n");
  CHECK(summary("Personalities : \nread_ahead not set\nunused devices: <none>\n").empty());
}

TEST_CASE("mdstat from public reports: disk count and slot pattern that disagree") {
  CHECK(summary(R"(md0 : active raid5 hdk1[4] hdi1[3] hdg1[2] hde1[1] hdc1[0]
      468872704 blocks level 5, 128k chunk, algorithm 0 [5/5] [_UUUU]
)") == "md0 active raid5, 468872704 KiB, chunk 128, algorithm 0, 5/5 _UUUU,"
       " hdk1[4] hdi1[3] hdg1[2] hde1[1] hdc1[0]\n");
  CHECK(summary(R"(md0 : active raid4 xvde[4] xvdd[2] xvdc[1] xvdb[0]
      31432704 blocks super 1.2 level 4, 512k chunk, algorithm 5 [5/4] [UUU__]
      [>....................]  reshape =  1.6% (174108/10477568) finish=9.8min speed=17410K/sec
)") == "md0 active raid4, 31432704 KiB, 1.2, chunk 512, algorithm 5, 5/4 UUU__,"
       " xvde[4] xvdd[2] xvdc[1] xvdb[0], reshape 174108/10477568 9.8min 17410K/s\n");
  CHECK(summary(R"(md126 : active raid4 nvme3n1[2] nvme0n1[0]
      10485760 blocks super external:/md127/0 level 4, 64k chunk, algorithm 0 [3/2] [UU_]
)") == "md126 active raid4, 10485760 KiB, external:/md127/0, chunk 64, algorithm 0, 3/2 UU_,"
       " nvme3n1[2] nvme0n1[0]\n");
}

TEST_CASE("mdstat from public reports: arrays with far more slots than disks") {
  CHECK(summary(R"(md13 : active raid1 sdb4[25] sda4[24]
      458880 blocks super 1.0 [24/2] [UU______________________]
      bitmap: 1/1 pages [4KB], 65536KB chunk
)") == "md13 active raid1, 458880 KiB, 1.0, 24/2 UU______________________, sdb4[25] sda4[24],"
       " bitmap 1/1 of 65536\n");
  CHECK(summary(R"(md1 : active raid1 sda2[0] sdb2[1]
      2097088 blocks [5/2] [UU___]
      
md0 : active raid1 sda1[0] sdb1[1]
      2490176 blocks [5/2] [UU___]
)") == "md1 active raid1, 2097088 KiB, 5/2 UU___, sda2[0] sdb2[1]\n"
       "md0 active raid1, 2490176 KiB, 5/2 UU___, sda1[0] sdb1[1]\n");
}

TEST_CASE(
    "mdstat from public reports: Synology's letter for a disk that had an error but is still in "
    "use") {
  CHECK(summary(R"(md2 : active raid5 sdb5[1] sda5[5](S) sde5[4](E) sdd5[3] sdc5[2]
      11702126592 blocks super 1.2 level 5, 64k chunk, algorithm 2 [5/4] [_UUUE]
      
md0 : active raid1 sdb1[1](E)
      2490176 blocks [2/1] [_E]
)") == "md2 active raid5, 11702126592 KiB, 1.2, chunk 64, algorithm 2, 5/4 _UUUE,"
       " sdb5[1] sda5[5]:S sde5[4] sdd5[3] sdc5[2]\n"
       "md0 active raid1, 2490176 KiB, 2/1 _E, sdb1[1]\n");
}

TEST_CASE("mdstat from public reports: arrays on arrays, device-mapper and partitions of arrays") {
  CHECK(summary(R"(md2 : active raid0 md0[0] md1[1]
      3906764288 blocks super 1.2 64k chunks

md1 : active raid1 sdd1[2] sde1[1]
      1953382208 blocks super 1.2 [2/2] [UU]
)") == "md2 active raid0, 3906764288 KiB, 1.2, chunk 64, md0[0] md1[1]\n"
       "md1 active raid1, 1953382208 KiB, 1.2, 2/2 UU, sdd1[2] sde1[1]\n");
  CHECK(summary(R"(md127 : inactive dm-13[6](S) dm-12[5](S) dm-11[3](S) dm-10[2](S) dm-9[0](S)
      9762371240 blocks super 1.2
       
)") == "md127 inactive, 9762371240 KiB, 1.2, dm-13[6]:S dm-12[5]:S dm-11[3]:S dm-10[2]:S "
       "dm-9[0]:S\n");
  CHECK(summary(R"(md6 : active raid1 sdc4[0] md60[1](W)
      183239424 blocks super 1.2 [2/2] [UU]
)") == "md6 active raid1, 183239424 KiB, 1.2, 2/2 UU, sdc4[0] md60[1]:W\n");
}

TEST_CASE("mdstat from public reports: containers and their volumes") {
  CHECK(summary(R"(md125 : active raid1 sdb[0]
      1048576 blocks super external:/md127/0 [2/1] [_U]
      bitmap: 0/1 pages [0KB], 65536KB chunk

md127 : inactive sdb[1](S) sda[0](S)
      10402 blocks super external:imsm
       
unused devices: <none>
)") == "md125 active raid1, 1048576 KiB, external:/md127/0, 2/1 _U, sdb[0], bitmap 0/1 of 65536\n"
       "md127 inactive, 10402 KiB, external:imsm, sdb[1]:S sda[0]:S\n");
  CHECK(summary(R"(md126 : active raid0 sda[1] sdb[0]
      1999872 blocks super external:/md127/0 512k chunks
      
md127 : inactive sdb[1](S) sda[0](S)
      65536 blocks super external:ddf
)") == "md126 active raid0, 1999872 KiB, external:/md127/0, chunk 512, sda[1] sdb[0]\n"
       "md127 inactive, 65536 KiB, external:ddf, sdb[1]:S sda[0]:S\n");
  CHECK(summary(R"(md126 : active raid4 nvme3n1[2] nvme0n1[0]
      500102144 blocks super external:-md127/0 level 4, 64k chunk, algorithm 5 [2/1] [U_]
)") == "md126 active raid4, 500102144 KiB, external:-md127/0, chunk 64, algorithm 5, 2/1 U_,"
       " nvme3n1[2] nvme0n1[0]\n");
  CHECK(summary(R"(md126 : active raid10 sda[4] sdb[2] sdc[1] sdd[0]
      5860528128 blocks super external:/md127/0 64K chunks 2 near-copies [4/4] [UUUU]
)") == "md126 active raid10, 5860528128 KiB, external:/md127/0, chunk 64, near 2 far 1, 4/4 UUUU,"
       " sda[4] sdb[2] sdc[1] sdd[0]\n");
  CHECK(summary(R"(md126 : inactive sdb[0]
      468320256 blocks super external:/md127/0
)") == "md126 inactive, 468320256 KiB, external:/md127/0, sdb[0]\n");
}

TEST_CASE("mdstat from public reports: read-only and auto-read-only arrays") {
  CHECK(summary(R"(md126 : active (read-only) raid5 sdb[3] sdc[2] sdd[1] sdg[0]
      2930280448 blocks super external:/md127/0 level 5, 64k chunk, algorithm 0 [4/4] [UUUU]
)") == "md126 active ro raid5, 2930280448 KiB, external:/md127/0, chunk 64, algorithm 0,"
       " 4/4 UUUU, sdb[3] sdc[2] sdd[1] sdg[0]\n");
  CHECK(summary(R"(md0 : active (read-only) raid0 sdb3[0] sdc3[1]
      7792588416 blocks super 1.2 64k chunks
)") == "md0 active ro raid0, 7792588416 KiB, 1.2, chunk 64, sdb3[0] sdc3[1]\n");
  CHECK(summary(R"(md127 : active (auto-read-only) raid10 sdb[0] sdc[1]
      1953382912 blocks super 1.2 256K chunks 2 far-copies [2/2] [UU]
)") == "md127 active auto-ro raid10, 1953382912 KiB, 1.2, chunk 256, near 1 far 2, 2/2 UU,"
       " sdb[0] sdc[1]\n");
  CHECK(summary(R"(md5 : active (read-only) raid1 loop86p1[0]
      732418223 blocks super 1.2 [4/1] [U___]
)") == "md5 active ro raid1, 732418223 KiB, 1.2, 4/1 U___, loop86p1[0]\n");
}

TEST_CASE("mdstat from public reports: arrays reported as broken by 6.12 and later") {
  CHECK(summary(R"(md0 : broken raid5 sdd[4](F) sdc[2](F) sdb[1](F) sda[0](F)
      5860147200 blocks super 1.2 level 5, 512k chunk, algorithm 2 [4/0] [____]
)") == "md0 broken raid5, 5860147200 KiB, 1.2, chunk 512, algorithm 2, 4/0 ____,"
       " sdd[4]:F sdc[2]:F sdb[1]:F sda[0]:F\n");
  CHECK(summary(R"(md0 : broken raid1 dm-1[1](F) dm-0[0]
      1047552 blocks super 1.2 [2/1] [U_]
)") == "md0 broken raid1, 1047552 KiB, 1.2, 2/1 U_, dm-1[1]:F dm-0[0]\n");
  CHECK(summary(R"(md9 : broken raid0 sdq1[1] sdp1[0]
      3906764800 blocks super 1.2 512k chunks
)") == "md9 broken raid0, 3906764800 KiB, 1.2, chunk 512, sdq1[1] sdp1[0]\n");
}
