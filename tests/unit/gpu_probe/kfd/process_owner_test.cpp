#include "gpu_probe/kfd/process_owner.h"

#include <algorithm>
#include <string>

#include "support/catch.h"

using namespace rig;

namespace {

const std::string kContainerId = "3f2a9c0de1b84756a0f1e2d3c4b5a69788796a5b4c3d2e1f00112233445566ff";
const std::string kInnerId = "00ff112233445566778899aabbccddeeff00112233445566778899aabbccddee";
const std::string kUid = "8dbc53f7-3e4b-4b39-a1b6-1b6bf6a5e3a8";

ProcessOwner unit(const std::string& name) { return {name, "", "", ""}; }
ProcessOwner container(const std::string& id) { return {"", id, "", ""}; }

}  // namespace

TEST_CASE("The unit is the innermost service or scope") {
  CHECK(parse_process_owner("0::/system.slice/ollama.service\n") == unit("ollama.service"));
  CHECK(parse_process_owner("0::/user.slice/user-1000.slice/session-3.scope\n") ==
        unit("session-3.scope"));
  CHECK(parse_process_owner("0::/user.slice/user-1000.slice/user@1000.service/app.slice/"
                            "jupyter.service\n") == unit("jupyter.service"));
  CHECK(parse_process_owner("0::/init.scope\n") == unit("init.scope"));
}

TEST_CASE("A cgroup below a service belongs to that service") {
  CHECK(parse_process_owner("0::/system.slice/vllm.service/workers/gpu0\n") ==
        unit("vllm.service"));
}

TEST_CASE("A slice is not reported as a unit") {
  CHECK(parse_process_owner("0::/user.slice/user-1000.slice\n") == ProcessOwner{});
}

TEST_CASE("systemd's escapes are decoded, and invalid ones are kept") {
  CHECK(parse_process_owner("0::/app.slice/app-gnome-jupyter\\x2dlab-77.scope\n") ==
        unit("app-gnome-jupyter-lab-77.scope"));
  CHECK(parse_process_owner("0::/a\\x2.service\n") == unit("a\\x2.service"));
  CHECK(parse_process_owner("0::/a\\xzz.service\n") == unit("a\\xzz.service"));
}

TEST_CASE("The name of a unit may contain colons") {
  CHECK(parse_process_owner("0::/system.slice/backup:daily.service\n") ==
        unit("backup:daily.service"));
}

TEST_CASE("A removed cgroup keeps its name") {
  CHECK(parse_process_owner("0::/system.slice/ollama.service (deleted)\n") ==
        unit("ollama.service"));
}

TEST_CASE("In cgroup version 1 the unit is that of systemd's own hierarchy") {
  CHECK(parse_process_owner("12:cpuset:/\n"
                            "4:cpu,cpuacct:/system.slice/other.service\n"
                            "1:name=systemd:/system.slice/ollama.service\n"
                            "0::/system.slice\n") == unit("ollama.service"));
  CHECK(parse_process_owner("4:memory:/system.slice/other.service\n") == ProcessOwner{});
}

TEST_CASE("A container of Docker, Podman, containerd or CRI-O has an ID and no unit") {
  for (const char* runtime : {"docker", "libpod", "cri-containerd", "crio", "nerdctl"}) {
    CHECK(parse_process_owner("0::/system.slice/" + (runtime + ("-" + kContainerId)) +
                              ".scope\n") == container(kContainerId));
  }
  CHECK(parse_process_owner("0::/docker/" + kContainerId + "\n") == container(kContainerId));
  CHECK(parse_process_owner("11:devices:/docker/" + kContainerId +
                            "\n"
                            "1:name=systemd:/docker/" +
                            kContainerId + "\n") == container(kContainerId));
}

TEST_CASE("A rootless Podman container does not belong to the user's service") {
  CHECK(parse_process_owner("0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" +
                            kContainerId + ".scope/container\n") == container(kContainerId));
}

TEST_CASE("A container in its own service has both") {
  CHECK(parse_process_owner("0::/system.slice/llama.service/libpod-payload-" + kContainerId +
                            "\n") == ProcessOwner{"llama.service", kContainerId, "", ""});
}

TEST_CASE("Of nested containers the innermost is reported") {
  CHECK(parse_process_owner("0::/docker/" + kContainerId + "/docker/" + kInnerId + "\n") ==
        container(kInnerId));
}

TEST_CASE("A scope whose name is not quite that of a container is a unit") {
  CHECK(parse_process_owner("0::/system.slice/docker-" + kContainerId.substr(1) + ".scope\n") ==
        unit("docker-" + kContainerId.substr(1) + ".scope"));
  std::string upper = kContainerId;
  upper.back() = 'G';
  CHECK(parse_process_owner("0::/docker/" + upper + "\n") == ProcessOwner{});
}

TEST_CASE("An LXC container has a name, and its processes may have a unit") {
  CHECK(parse_process_owner("0::/lxc.payload.train/system.slice/ssh.service\n") ==
        ProcessOwner{"ssh.service", "train", "", ""});
  CHECK(parse_process_owner("0::/lxc/101/ns/init.scope\n") ==
        ProcessOwner{"init.scope", "101", "", ""});
  CHECK(parse_process_owner("9:memory:/lxc.payload/train\n") == container("train"));
  CHECK(parse_process_owner("0::/lxc.monitor.train\n") == ProcessOwner{});
}

TEST_CASE("The UID of a Kubernetes pod has dashes with every cgroup driver") {
  std::string escaped = kUid;
  std::replace(escaped.begin(), escaped.end(), '-', '_');
  const ProcessOwner owner{"", kContainerId, kUid, ""};
  CHECK(parse_process_owner("0::/kubepods/burstable/pod" + kUid + "/" + kContainerId + "\n") ==
        owner);
  CHECK(parse_process_owner("11:memory:/kubepods/pod" + kUid + "/" + kContainerId + "\n") == owner);
  CHECK(parse_process_owner("0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" +
                            escaped + ".slice/cri-containerd-" + kContainerId + ".scope\n") ==
        owner);
  CHECK(parse_process_owner("0::/kubepods.slice/kubepods-pod" + escaped + ".slice/crio-" +
                            kContainerId + ".scope\n") == owner);
}

TEST_CASE("A pod is found if the runtime and the kubelet use different cgroup drivers") {
  std::string escaped = kUid;
  std::replace(escaped.begin(), escaped.end(), '-', '_');
  CHECK(parse_process_owner("0::/system.slice/containerd.service/kubepods-besteffort-pod" +
                            escaped + ".slice:cri-containerd:" + kContainerId + "\n") ==
        ProcessOwner{"containerd.service", kContainerId, kUid, ""});
}

TEST_CASE("The UID of a static pod has no dashes") {
  const std::string uid = "0123456789abcdef0123456789abcdef";
  CHECK(parse_process_owner("0::/kubepods/besteffort/pod" + uid + "/" + kContainerId + "\n").pod ==
        uid);
}

TEST_CASE("A cgroup named pod outside of Kubernetes is not a pod") {
  CHECK(parse_process_owner("0::/mine/pod" + kUid + "/x\n").pod.empty());
  CHECK(parse_process_owner("0::/kubepods/podracing/x\n").pod.empty());
  CHECK(parse_process_owner("0::/machine.slice/machine-libpod_pod_" + kContainerId +
                            ".slice/libpod-" + kInnerId + ".scope\n") == container(kInnerId));
}

TEST_CASE("A Slurm job is found with cgroup versions 1 and 2") {
  CHECK(parse_process_owner("9:freezer:/slurm/uid_1000/job_77/step_0\n"
                            "1:name=systemd:/system.slice/slurmd.service\n") ==
        ProcessOwner{"slurmd.service", "", "", "77"});
  CHECK(parse_process_owner("0::/system.slice/slurmstepd.scope/job_77/step_batch/user/task_0\n") ==
        ProcessOwner{"slurmstepd.scope", "", "", "77"});
  CHECK(parse_process_owner("0::/system.slice/node1_slurmstepd.scope/job_77/step_0\n").slurm_job ==
        "77");
  CHECK(parse_process_owner("9:devices:/slurm_node1/uid_0/job_12/step_extern\n").slurm_job == "12");
}

TEST_CASE("A container in a Slurm job has both") {
  CHECK(parse_process_owner("0::/system.slice/slurmstepd.scope/job_77/step_0/user/libpod-" +
                            kContainerId + "\n") ==
        ProcessOwner{"slurmstepd.scope", kContainerId, "", "77"});
}

TEST_CASE("A cgroup named job outside of Slurm is not a job") {
  CHECK(parse_process_owner("0::/batch/job_77\n").slurm_job.empty());
  CHECK(parse_process_owner("0::/slurm/job_\n").slurm_job.empty());
  CHECK(parse_process_owner("0::/slurm/job_7a\n").slurm_job.empty());
}

TEST_CASE("A container's own view and malformed text give no owner") {
  for (const char* text : {"", "\n", "0::/\n", "0::\n", "0\n", ":::\n", "garbage", "0::/..\n",
                           "12:pids:/\n1:name=systemd:/\n0::/\n"}) {
    CHECK(parse_process_owner(text) == ProcessOwner{});
  }
}

TEST_CASE("A malformed line does not affect the others") {
  CHECK(parse_process_owner("0::/system.slice/ollama.service\n\ngarbage\n") ==
        unit("ollama.service"));
}

TEST_CASE("A sibling seen from a container's namespace is identified by its relative path") {
  CHECK(parse_process_owner("0::/../docker-" + kContainerId + ".scope\n") ==
        container(kContainerId));
}
