// Preloaded, it makes librocm_smi64 look as if it were of the generation that came with ROCm 6.
extern "C" int rsmi_dev_activity_metric_get();
extern "C" int rsmi_dev_activity_metric_get() { return 1; }
