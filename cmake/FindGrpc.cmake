# gRPC's C++ library: the targets Grpc::grpc++ and Grpc::reflection, and the plugin GRPC_CPP_PLUGIN of protoc. Debian's
# own package file would link all that the shared libraries are made of once more, fifty static libraries of abseil.
find_path(Grpc_INCLUDE_DIR grpcpp/grpcpp.h)
find_library(Grpc_LIBRARY grpc++)
find_library(Grpc_CORE_LIBRARY grpc)
find_library(Grpc_GPR_LIBRARY gpr)
find_library(Grpc_LOCKS_LIBRARY absl_synchronization)  # gRPC's headers lock
find_library(Grpc_REFLECTION_LIBRARY grpc++_reflection)
find_program(GRPC_CPP_PLUGIN grpc_cpp_plugin)
mark_as_advanced(Grpc_INCLUDE_DIR Grpc_LIBRARY Grpc_CORE_LIBRARY Grpc_GPR_LIBRARY Grpc_LOCKS_LIBRARY Grpc_REFLECTION_LIBRARY
  GRPC_CPP_PLUGIN)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Grpc
  REQUIRED_VARS Grpc_LIBRARY Grpc_CORE_LIBRARY Grpc_GPR_LIBRARY Grpc_LOCKS_LIBRARY Grpc_REFLECTION_LIBRARY
    Grpc_INCLUDE_DIR GRPC_CPP_PLUGIN
  REASON_FAILURE_MESSAGE "Debian has them in libgrpc++-dev and protobuf-compiler-grpc. -DJITRIG_GRPC=OFF builds all but protocol/grpc.")

if(Grpc_FOUND AND NOT TARGET Grpc::grpc++)
  add_library(Grpc::grpc++ UNKNOWN IMPORTED)
  set_target_properties(Grpc::grpc++ PROPERTIES
    IMPORTED_LOCATION "${Grpc_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${Grpc_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES "${Grpc_CORE_LIBRARY};${Grpc_GPR_LIBRARY};${Grpc_LOCKS_LIBRARY}")
  add_library(Grpc::reflection UNKNOWN IMPORTED)
  set_target_properties(Grpc::reflection PROPERTIES
    IMPORTED_LOCATION "${Grpc_REFLECTION_LIBRARY}"
    INTERFACE_LINK_LIBRARIES Grpc::grpc++)
endif()
