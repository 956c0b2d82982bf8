// Contents of /proc/mdstat from public bug reports and forums: running and waiting syncs.
#include "raid/mdstat_summary.h"
#include "support/catch.h"

using rig::summary;

TEST_CASE("mdstat from public reports: recoveries") {
  CHECK(summary(R"(md0 : active raid1 sda3[2] sdb3[1]
      479008632 blocks super 1.2 [2/1] [_U]
      [=>...................]  recovery =  7.8% (37384832/479008632) finish=61.8min speed=119022K/sec

md1 : active raid1 sda1[2] sdb1[1]
      975860 blocks super 1.2 [2/1] [_U]
        resync=DELAYED

unused devices: <none>
)") == "md0 active raid1, 479008632 KiB, 1.2, 2/1 _U, sda3[2] sdb3[1],"
       " recovery 37384832/479008632 61.8min 119022K/s\n"
       "md1 active raid1, 975860 KiB, 1.2, 2/1 _U, sda1[2] sdb1[1], resync delayed\n");
  CHECK(summary(R"(md0 : active raid6 sde1[6] sdf1[7] sdb1[0] sdg1[3] sdd1[2] sdc[1]
      5860543744 blocks level 6, 4k chunk, algorithm 2 [6/4] [UUUU__]
      [===>.................]  recovery = 19.6% (288381540/1465135936) finish=1420.1min speed=13810K/sec
)") == "md0 active raid6, 5860543744 KiB, chunk 4, algorithm 2, 6/4 UUUU__,"
       " sde1[6] sdf1[7] sdb1[0] sdg1[3] sdd1[2] sdc[1], recovery 288381540/1465135936 1420.1min "
       "13810K/s\n");
  CHECK(summary(R"(md300 : active raid5 sdh[8] sdc[0] sdj[7] sdi[6] sdg[4] sdf[3] sde[2] sdd[1]
      3281959800 blocks super 1.0 level 5, 8k chunk, algorithm 2 [8/7] [UUUUU_UU]
      [=====>...............]  recovery = 26.4% (124074752/468851400) finish=207.9min speed=27635K/sec
      bitmap: 3/4 pages [12KB], 65536KB chunk
)") == "md300 active raid5, 3281959800 KiB, 1.0, chunk 8, algorithm 2, 8/7 UUUUU_UU,"
       " sdh[8] sdc[0] sdj[7] sdi[6] sdg[4] sdf[3] sde[2] sdd[1], recovery 124074752/468851400 "
       "207.9min 27635K/s,"
       " bitmap 3/4 of 65536\n");
  CHECK(summary(R"(md1 : active raid5 sdb3[2] sdb4[3] sdb2[4](F) sdb1[0] sdb5[5](S)
      995712 blocks level 5, 64k chunk, algorithm 2 [3/2] [U_U]
      [=================>...]  recovery = 86.0% (429796/497856) finish=0.0min speed=23877K/sec
)") == "md1 active raid5, 995712 KiB, chunk 64, algorithm 2, 3/2 U_U,"
       " sdb3[2] sdb4[3] sdb2[4]:F sdb1[0] sdb5[5]:S, recovery 429796/497856 0min 23877K/s\n");
}

TEST_CASE(
    "mdstat from public reports: almost stalled syncs with an implausibly large finish time") {
  CHECK(summary(
            R"(md1 : active raid1 sdi2[12] sdh2[11] sdg2[10] sde2[4] sdd2[1] sdc2[0] sdb2[2] sda2[5]
      405504 blocks [9/5] [UUU_UU___]
      [>....................]  recovery =  0.0% (384/405504) finish=176649.2min speed=0K/sec
)") == "md1 active raid1, 405504 KiB, 9/5 UUU_UU___,"
       " sdi2[12] sdh2[11] sdg2[10] sde2[4] sdd2[1] sdc2[0] sdb2[2] sda2[5],"
       " recovery 384/405504 176649.2min 0K/s\n");
  CHECK(summary(R"(md127 : active raid10 sdb1[2] sdc1[0]
      23382980608 blocks super 1.2 512K chunks 2 far-copies [4/2] [U_U_]
      [>....................]  resync =  0.0% (8594688/23382980608) finish=25176161501.3min speed=0K/sec
      bitmap: 175/175 pages [700KB], 65536KB chunk
)") == "md127 active raid10, 23382980608 KiB, 1.2, chunk 512, near 1 far 2, 4/2 U_U_,"
       " sdb1[2] sdc1[0], resync 8594688/23382980608 25176161501.3min 0K/s, bitmap 175/175 of "
       "65536\n");
  CHECK(summary(R"(md124 : active raid10 sdm1[1] sdn1[2] sdl1[0] sdk1[4]
      7813770240 blocks super 1.2 512K chunks 2 near-copies [4/3] [UU_U]
      [=========>...........]  recovery = 49.2% (1924016576/3906885120) finish=3918230862.4min speed=0K/sec
      bitmap: 1/59 pages [4KB], 65536KB chunk
)") == "md124 active raid10, 7813770240 KiB, 1.2, chunk 512, near 2 far 1, 4/3 UU_U,"
       " sdm1[1] sdn1[2] sdl1[0] sdk1[4], recovery 1924016576/3906885120 3918230862.4min 0K/s,"
       " bitmap 1/59 of 65536\n");
  CHECK(summary(R"(md0 : active raid5 sdf[4] sdb[2] sdd[1] sdc[0]
      11720658432 blocks super 1.2 level 5, 512k chunk, algorithm 2 [4/3] [UUU_]
      [===================>.]  reshape = 99.9% (3906632192/3906886144) finish=1480857.6min speed=0K/sec
)") == "md0 active raid5, 11720658432 KiB, 1.2, chunk 512, algorithm 2, 4/3 UUU_,"
       " sdf[4] sdb[2] sdd[1] sdc[0], reshape 3906632192/3906886144 1480857.6min 0K/s\n");
}

TEST_CASE("mdstat from public reports: reshapes, with their own metadata version") {
  CHECK(summary(R"(md0 : active raid6 sde1[6](S) sdf1[7](S) sdb1[0] sdg1[3] sdd1[2] sdc[1]
      5860543744 blocks super 0.91 level 6, 4k chunk, algorithm 18 [6/4] [UUUU__]
      [=========>...........]  reshape = 48.4% (709745748/1465135936) finish=1271.8min speed=9898K/sec
)") == "md0 active raid6, 5860543744 KiB, 0.91, chunk 4, algorithm 18, 6/4 UUUU__,"
       " sde1[6]:S sdf1[7]:S sdb1[0] sdg1[3] sdd1[2] sdc[1], reshape 709745748/1465135936 "
       "1271.8min 9898K/s\n");
  CHECK(summary(R"(md0 : active raid5 sdc2[2] sde1[3] sdb1[0]
      1953347584 blocks super 1.2 level 5, 512k chunk, algorithm 2 [3/2] [U_U]
      [=======>.............]  reshape = 37.6% (736332800/1953347584) finish=3885.7min speed=5219K/sec
      bitmap: 0/15 pages [0KB], 65536KB chunk
)") == "md0 active raid5, 1953347584 KiB, 1.2, chunk 512, algorithm 2, 3/2 U_U,"
       " sdc2[2] sde1[3] sdb1[0], reshape 736332800/1953347584 3885.7min 5219K/s,"
       " bitmap 0/15 of 65536\n");
  CHECK(
      summary(
          R"(md0 : active raid6 sdh1[0] sdl1[11](S) sdk1[12](S) sdj1[9] sde1[7] sdb1[6] sdf1[5] sdd1[4] sdg1[3] sdc1[2] sdi1[13](F)
      7814079488 blocks super 0.91 level 6, 64k chunk, algorithm 2 [11/8] [U_UUUUUU_U_]
      [===============>.....]  reshape = 79.5% (777285208/976759936) finish=542800.5min speed=6K/sec
)") == "md0 active raid6, 7814079488 KiB, 0.91, chunk 64, algorithm 2, 11/8 U_UUUUUU_U_,"
       " sdh1[0] sdl1[11]:S sdk1[12]:S sdj1[9] sde1[7] sdb1[6] sdf1[5] sdd1[4] sdg1[3] sdc1[2] "
       "sdi1[13]:F,"
       " reshape 777285208/976759936 542800.5min 6K/s\n");
  CHECK(summary(R"(md0 : active raid4 sdd[3] sdc[2] sdb[1] sda[0]
      5232640 blocks super 1.2 level 4, 512k chunk, algorithm 5 [7/6] [UUUUU__]
      [=>...................]  reshape =  6.4% (67072/1046528) finish=3.4min speed=4790K/sec
)") == "md0 active raid4, 5232640 KiB, 1.2, chunk 512, algorithm 5, 7/6 UUUUU__,"
       " sdd[3] sdc[2] sdb[1] sda[0], reshape 67072/1046528 3.4min 4790K/s\n");
}

TEST_CASE("mdstat from public reports: checks, followed by the bitmap") {
  CHECK(
      summary(
          R"(md127 : active raid6 sdm1[8] sdj1[7] sdh1[6] sdf1[4] sdd1[2] sdg1[5] sdl1[9] sde1[3] sdb1[0] sdc1[1]
      31255019520 blocks super 1.2 level 6, 128k chunk, algorithm 2 [10/10] [UUUUUUUUUU]
      [========>............]  check = 40.4% (1579717248/3906877440) finish=2589.7min speed=14976K/sec
      bitmap: 1/30 pages [4KB], 65536KB chunk
)") == "md127 active raid6, 31255019520 KiB, 1.2, chunk 128, algorithm 2, 10/10 UUUUUUUUUU,"
       " sdm1[8] sdj1[7] sdh1[6] sdf1[4] sdd1[2] sdg1[5] sdl1[9] sde1[3] sdb1[0] sdc1[1],"
       " check 1579717248/3906877440 2589.7min 14976K/s, bitmap 1/30 of 65536\n");
  CHECK(summary(R"(md2 : active raid1 sda3[2] sdb3[1]
      2927641919 blocks super 1.2 [2/2] [UU]
      [===================>.]  check = 95.7% (2804213632/2927641919) finish=265.6min speed=7744K/sec
)") == "md2 active raid1, 2927641919 KiB, 1.2, 2/2 UU, sda3[2] sdb3[1],"
       " check 2804213632/2927641919 265.6min 7744K/s\n");
  CHECK(summary(R"(md127 : active raid1 vda2[0] vdb2[1]
      1100871680 blocks super 1.2 [2/2] [UU]
      [=>...................]  check =  7.1% (78346880/1100871680) finish=4.9min speed=3406386K/sec
      bitmap: 0/9 pages [0KB], 65536KB chunk
)") == "md127 active raid1, 1100871680 KiB, 1.2, 2/2 UU, vda2[0] vdb2[1],"
       " check 78346880/1100871680 4.9min 3406386K/s, bitmap 0/9 of 65536\n");
}

TEST_CASE(
    "mdstat from public reports: waiting syncs, indented by tabs or spaces and followed by the "
    "bitmap") {
  CHECK(summary(R"(md1 : active raid1 sda2[0] sdb2[1]
      467282752 blocks super 1.1 [2/2] [UU]
        resync=DELAYED
      bitmap: 0/4 pages [0KB], 65536KB chunk
)") == "md1 active raid1, 467282752 KiB, 1.1, 2/2 UU, sda2[0] sdb2[1], resync delayed,"
       " bitmap 0/4 of 65536\n");
  CHECK(summary("md9 : active raid1 sdc2[2] sdd2[3] sdb2[1] sda2[0]\n"
                "      523968 blocks super 1.2 [4/4] [UUUU]\n"
                "\tresync=DELAYED\n") ==
        "md9 active raid1, 523968 KiB, 1.2, 4/4 UUUU, sdc2[2] sdd2[3] sdb2[1] sda2[0], resync "
        "delayed\n");
  CHECK(summary("md0 : active (auto-read-only) raid1 nvme1n1p1[0] nvme0n1p1[1]\n"
                "      33520640 blocks super 1.2 [2/2] [UU]\n"
                "      \tresync=PENDING\n"
                "      \n") ==
        "md0 active auto-ro raid1, 33520640 KiB, 1.2, 2/2 UU, nvme1n1p1[0] nvme0n1p1[1],"
        " resync pending\n");
  CHECK(summary("md8 : active raid1 sdb1[1] sda1[0]\n"
                "\t  195310144 blocks [2/2] [UU]\n"
                "\t  [=>...................]  resync =  8.5% (16775552/195310144) finish=17.0min "
                "speed=259783K/sec\n") ==
        "md8 active raid1, 195310144 KiB, 2/2 UU, sdb1[1] sda1[0],"
        " resync 16775552/195310144 17min 259783K/s\n");
}

TEST_CASE("mdstat from public reports: resyncs of degraded arrays, one waiting for the other") {
  CHECK(summary(R"(md4 : active raid10 sdb2[1] sda2[0]
      5666406400 blocks super 1.2 4096K chunks 2 offset-copies [2/1] [U_]
      	resync=DELAYED
      bitmap: 42/43 pages [168KB], 65536KB chunk

md3 : active raid10 sda1[0]
      2147344384 blocks super 1.2 4096K chunks 2 offset-copies [2/1] [U_]
      [=>...................]  resync =  6.8% (146411904/2147344384) finish=623207095.3min speed=0K/sec
      bitmap: 16/16 pages [64KB], 65536KB chunk
)") == "md4 active raid10, 5666406400 KiB, 1.2, chunk 4096, near 1 offset 2, 2/1 U_, sdb2[1] "
       "sda2[0],"
       " resync delayed, bitmap 42/43 of 65536\n"
       "md3 active raid10, 2147344384 KiB, 1.2, chunk 4096, near 1 offset 2, 2/1 U_, sda1[0],"
       " resync 146411904/2147344384 623207095.3min 0K/s, bitmap 16/16 of 65536\n");
}

TEST_CASE("mdstat from public reports: bitmaps in a file, and on hosts with large pages") {
  CHECK(summary(R"(md1 : active raid1 loop1[1] loop0[0]
      509056 blocks [2/2] [UU]
      [>....................]  resync =  1.2% (6528/509056) finish=2.5min speed=3264K/sec
      bitmap: 63/63 pages [252KB], 4KB chunk, file: /tmp/raid1.bitmap
)") == "md1 active raid1, 509056 KiB, 2/2 UU, loop1[1] loop0[0], resync 6528/509056 2.5min 3264K/s,"
       " bitmap 63/63 of 4/tmp/raid1.bitmap\n");
  CHECK(summary(R"(md127 : active raid10 dm-1[2] dm-0[0]
      1872188416 blocks super 1.2 512K chunks 2 far-copies [2/2] [UU]
      bitmap: 1/1 pages [64KB], 65536KB chunk
)") == "md127 active raid10, 1872188416 KiB, 1.2, chunk 512, near 1 far 2, 2/2 UU, dm-1[2] dm-0[0],"
       " bitmap 1/1 of 65536\n");
}
