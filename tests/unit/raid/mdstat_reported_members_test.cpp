// Contents of /proc/mdstat from public bug reports and forums: members and their flags.
#include "raid/mdstat_summary.h"
#include "support/catch.h"

using rig::summary;

TEST_CASE("mdstat from public reports: failed, missing and replaced members") {
  CHECK(
      summary(R"(md0 : active raid5 sdc1[3](F) sdb1[0] sdd1[2]
      8385664 blocks level 5, 64k chunk, algorithm 2 [3/2] [U_U]

unused devices:
)") ==
      "md0 active raid5, 8385664 KiB, chunk 64, algorithm 2, 3/2 U_U, sdc1[3]:F sdb1[0] sdd1[2]\n");
  CHECK(summary(R"(md1 : active raid1 sdc1[0] sdh1[5](F) sdg1[4] sdf1[3] sde1[2] sdd1[1]
      1953382400 blocks super 1.2 [5/5] [UUUUU]
      bitmap: 2/15 pages [8KB], 65536KB chunk
)") == "md1 active raid1, 1953382400 KiB, 1.2, 5/5 UUUUU,"
       " sdc1[0] sdh1[5]:F sdg1[4] sdf1[3] sde1[2] sdd1[1], bitmap 2/15 of 65536\n");
  CHECK(summary(R"(md0 : active raid5 sda1[0] sdd1[2] sdb1[1]
     1465151808 blocks level 5, 64k chunk, algorithm 2 [4/3] [UUU_]
)") == "md0 active raid5, 1465151808 KiB, chunk 64, algorithm 2, 4/3 UUU_, sda1[0] sdd1[2] "
       "sdb1[1]\n");
  CHECK(summary(R"(md126 : active raid1 dm-8[6](F) dm-6[0] dm-4[7](F) dm-2[8](F)
      4193216 blocks [6/1] [U_____]
)") == "md126 active raid1, 4193216 KiB, 6/1 U_____, dm-8[6]:F dm-6[0] dm-4[7]:F dm-2[8]:F\n");
  CHECK(summary(R"(md1 : active raid10 sdb2[0] sda2[5] sdf2[4] sde2[3] sdd2[6](F) sdc2[7](F)
      5835374592 blocks 256K chunks 2 offset-copies [6/4] [U__UUU]
)") == "md1 active raid10, 5835374592 KiB, chunk 256, near 1 offset 2, 6/4 U__UUU,"
       " sdb2[0] sda2[5] sdf2[4] sde2[3] sdd2[6]:F sdc2[7]:F\n");
  CHECK(
      summary(
          R"(md0 : active raid5 sdf1[8](F) sdd1[7] sdb1[6] sdh1[5] sda1[4] sdg1[9](F) sdc1[2] sde1[1]
      5860558848 blocks super 0.91 level 5, 256k chunk, algorithm 2 [8/6] [_UU_UUUU]
)") == "md0 active raid5, 5860558848 KiB, 0.91, chunk 256, algorithm 2, 8/6 _UU_UUUU,"
       " sdf1[8]:F sdd1[7] sdb1[6] sdh1[5] sda1[4] sdg1[9]:F sdc1[2] sde1[1]\n");
}

TEST_CASE("mdstat from public reports: spares of complete and degraded arrays") {
  CHECK(summary(R"(md1 : active raid5 sdh[3] sdg[2] sdj[6] sde[1] sdk[5](S) sdd[0]
      3750244352 blocks super 1.2 level 5, 512k chunk, algorithm 2 [5/5] [UUUUU]
      bitmap: 4/7 pages [16KB], 65536KB chunk
)") == "md1 active raid5, 3750244352 KiB, 1.2, chunk 512, algorithm 2, 5/5 UUUUU,"
       " sdh[3] sdg[2] sdj[6] sde[1] sdk[5]:S sdd[0], bitmap 4/7 of 65536\n");
  CHECK(
      summary(R"(md127 : active raid4 sdf[2](S) sdc[0]
      209583104 blocks super 1.2 level 4, 1024k chunk, algorithm 0 [2/1] [U_]
)") ==
      "md127 active raid4, 209583104 KiB, 1.2, chunk 1024, algorithm 0, 2/1 U_, sdf[2]:S sdc[0]\n");
  CHECK(summary(R"(md0 : active (read-only) raid6 sdc1[0] sde[4](S) sdf[5] sdd1[3] sdg1[1]
      7813771264 blocks super 1.2 level 6, 512k chunk, algorithm 18 [4/3] [UUU_]
      bitmap: 1/30 pages [4KB], 65536KB chunk
)") == "md0 active ro raid6, 7813771264 KiB, 1.2, chunk 512, algorithm 18, 4/3 UUU_,"
       " sdc1[0] sde[4]:S sdf[5] sdd1[3] sdg1[1], bitmap 1/30 of 65536\n");
}

TEST_CASE("mdstat from public reports: replacements, alone and combined with other flags") {
  CHECK(summary(R"(md126 : active raid1 sdb20[2](R) sdb2[1] sdb1[0]
      20954112 blocks super 1.2 [2/2] [UU]
      [==============>......]  recovery = 74.4% (15600512/20954112) finish=3.2min speed=27496K/sec
)") == "md126 active raid1, 20954112 KiB, 1.2, 2/2 UU, sdb20[2]:R sdb2[1] sdb1[0],"
       " recovery 15600512/20954112 3.2min 27496K/s\n");
  CHECK(summary(R"(md0 : active raid5 sdk1[6](R) sdf1[5](S) sdg1[4] sdc1[2] sde1[1] sdb1[0]
      14650718208 blocks super 1.2 level 5, 512k chunk, algorithm 2 [4/4] [UUUU]
      [>....................]  recovery =  1.4% (72694748/4883572736) finish=1601.3min speed=50071K/sec
      bitmap: 0/37 pages [0KB], 65536KB chunk
)") == "md0 active raid5, 14650718208 KiB, 1.2, chunk 512, algorithm 2, 4/4 UUUU,"
       " sdk1[6]:R sdf1[5]:S sdg1[4] sdc1[2] sde1[1] sdb1[0], recovery 72694748/4883572736 "
       "1601.3min 50071K/s,"
       " bitmap 0/37 of 65536\n");
  CHECK(summary(R"(md0 : active raid10 sda1[5](S)(R) sdf1[0] sdb1[3] sdc1[4]
      2930010928 blocks super 1.2 8K chunks 2 near-copies [4/3] [UUU_]
)") == "md0 active raid10, 2930010928 KiB, 1.2, chunk 8, near 2 far 1, 4/3 UUU_,"
       " sda1[5]:SR sdf1[0] sdb1[3] sdc1[4]\n");
}

TEST_CASE("mdstat from public reports: write-mostly members") {
  CHECK(summary(R"(md0 : active raid1 sda1[5](W) nvme0n1p3[3] sdb1[4](W)
      33520640 blocks super 1.2 [3/3] [UUU]
      bitmap: 1/1 pages [4KB], 65536KB chunk
)") == "md0 active raid1, 33520640 KiB, 1.2, 3/3 UUU, sda1[5]:W nvme0n1p3[3] sdb1[4]:W,"
       " bitmap 1/1 of 65536\n");
  CHECK(summary(R"(md1 : active raid1 sdb5[1](W)
      471727104 blocks super 1.2 [2/1] [_U]
      bitmap: 4/4 pages [16KB], 65536KB chunk
)") == "md1 active raid1, 471727104 KiB, 1.2, 2/1 _U, sdb5[1]:W, bitmap 4/4 of 65536\n");
}

TEST_CASE("mdstat from public reports: journals on arrays or volumes, anywhere in the list") {
  CHECK(summary(R"(md0 : active raid5 dm-0[4](J) sdc[3] sda[0] sdb[1]
      3906764800 blocks super 1.2 level 5, 512k chunk, algorithm 2 [3/3] [UUU]
)") == "md0 active raid5, 3906764800 KiB, 1.2, chunk 512, algorithm 2, 3/3 UUU,"
       " dm-0[4]:J sdc[3] sda[0] sdb[1]\n");
  CHECK(summary(R"(md127 : active raid6 md126[0](J) sdb2[1] sda2[6] sdd2[2] sde2[3] sdc2[5] sdf2[4]
      23441016832 blocks super 1.2 level 6, 512k chunk, algorithm 2 [6/6] [UUUUUU]
)") == "md127 active raid6, 23441016832 KiB, 1.2, chunk 512, algorithm 2, 6/6 UUUUUU,"
       " md126[0]:J sdb2[1] sda2[6] sdd2[2] sde2[3] sdc2[5] sdf2[4]\n");
  CHECK(
      summary(R"(md125 : active raid6 sdc2[7](J) sdu1[3](S) sde1[5] sdq1[6] sdi1[2] sdy1[1] sdm1[0]
      8790402048 blocks super 1.2 level 6, 512k chunk, algorithm 2 [5/5] [UUUUU]
)") == "md125 active raid6, 8790402048 KiB, 1.2, chunk 512, algorithm 2, 5/5 UUUUU,"
       " sdc2[7]:J sdu1[3]:S sde1[5] sdq1[6] sdi1[2] sdy1[1] sdm1[0]\n");
}

TEST_CASE(
    "mdstat from public reports: inactive arrays without level and slots, with and without "
    "spares") {
  CHECK(summary(R"(md_d0 : inactive dm-2[1](S)
      488383936 blocks
       
md0 : inactive sdd1[2](S)
      488383936 blocks
)") == "md_d0 inactive, 488383936 KiB, dm-2[1]:S\n"
       "md0 inactive, 488383936 KiB, sdd1[2]:S\n");
  CHECK(summary(R"(md127 : inactive nvme0n1p3[1](S)
      369607751 blocks super 1.2
       
)") == "md127 inactive, 369607751 KiB, 1.2, nvme0n1p3[1]:S\n");
  CHECK(summary(R"(md4 : inactive raid1 sda3[0] sdb3[1]
      4883648 blocks [2/2] [UU]
)") == "md4 inactive raid1, 4883648 KiB, 2/2 UU, sda3[0] sdb3[1]\n");
}

TEST_CASE("mdstat from public reports: all RAID 10 layouts") {
  CHECK(summary(R"(md3 : active raid10 nvme5n1[3] nvme3n1[2] nvme4n1[1] nvme0n1[0]
      7501212288 blocks super 1.2 16K chunks 2 offset-copies [4/4] [UUUU]
      [>....................]  resync =  1.5% (119689152/7501212288) finish=156.3min speed=786749K/sec
)") == "md3 active raid10, 7501212288 KiB, 1.2, chunk 16, near 1 offset 2, 4/4 UUUU,"
       " nvme5n1[3] nvme3n1[2] nvme4n1[1] nvme0n1[0], resync 119689152/7501212288 156.3min "
       "786749K/s\n");
  CHECK(summary(R"(md3 : active raid10 sdc1[0] sdd1[1]
      234878976 blocks 512K chunks 2 far-copies [2/2] [UU]
      bitmap: 0/2 pages [0KB], 65536KB chunk
)") == "md3 active raid10, 234878976 KiB, chunk 512, near 1 far 2, 2/2 UU, sdc1[0] sdd1[1],"
       " bitmap 0/2 of 65536\n");
  CHECK(
      summary(
          R"(md2 : active raid10 sde[2] sdl[9] sdf[3] sdk[8] sdh[5] sdd[1] sdg[4] sdn[11] sdm[10] sdj[7] sdc[0] sdi[6]
      11251451904 blocks super 1.2 512K chunks 2 near-copies [12/12] [UUUUUUUUUUUU]
      [==================>..]  check = 94.3% (10620027200/11251451904) finish=101.6min speed=103517K/sec
      bitmap: 35/84 pages [140KB], 65536KB chunk
)") == "md2 active raid10, 11251451904 KiB, 1.2, chunk 512, near 2 far 1, 12/12 UUUUUUUUUUUU,"
       " sde[2] sdl[9] sdf[3] sdk[8] sdh[5] sdd[1] sdg[4] sdn[11] sdm[10] sdj[7] sdc[0] sdi[6],"
       " check 10620027200/11251451904 101.6min 103517K/s, bitmap 35/84 of 65536\n");
  CHECK(summary(R"(md124 : active raid10 sdm1[1] sdl1[0] sdk1[4]
      7813770240 blocks super 1.2 512K chunks 2 near-copies [4/3] [UU_U]
      bitmap: 1/59 pages [4KB], 65536KB chunk
)") == "md124 active raid10, 7813770240 KiB, 1.2, chunk 512, near 2 far 1, 4/3 UU_U,"
       " sdm1[1] sdl1[0] sdk1[4], bitmap 1/59 of 65536\n");
}
