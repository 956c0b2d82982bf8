# Writes what the built programs print about themselves into files: the completion of shells, the manual pages, and the
# example of the configuration. Run at installation:
#   cmake -DEXPORTER=... -DPROBE=... -DSOURCE=... -DOUTPUT=DIRECTORY -P generate.cmake
function(write_output file)
  execute_process(COMMAND ${ARGN} OUTPUT_FILE "${OUTPUT}/${file}" COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(MAKE_DIRECTORY "${OUTPUT}")
foreach(shell bash zsh fish)
  write_output(completion.${shell} "${EXPORTER}" --completion=${shell})
endforeach()
write_output(rig.yml "${EXPORTER}" --config.example)
write_output(rig_exporter.1 "${EXPORTER}" --help-man)

# CLI11 shows the program as it was called.
execute_process(COMMAND "${PROBE}" --help OUTPUT_VARIABLE rig_probe_help COMMAND_ERROR_IS_FATAL ANY)
string(REGEX REPLACE "^.*\nOptions:" "Options:" rig_probe_help "${rig_probe_help}")
string(REPLACE "\\" "\\e" rig_probe_help "${rig_probe_help}")
string(REPLACE "-" "\\-" rig_probe_help "${rig_probe_help}")
configure_file("${SOURCE}/rig_gpu_probe.1.in" "${OUTPUT}/rig_gpu_probe.1" @ONLY)
foreach(page rig_exporter.1 rig_gpu_probe.1)
  execute_process(COMMAND gzip -9nf "${OUTPUT}/${page}" COMMAND_ERROR_IS_FATAL ANY)
endforeach()
