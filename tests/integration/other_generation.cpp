// When preloaded, it makes librocm_smi64 look like the generation of ROCm 6.
extern "C" int rsmi_dev_activity_metric_get();
extern "C" int rsmi_dev_activity_metric_get() { return 1; }
