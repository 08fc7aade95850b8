# jitrig as a package for other projects: find_package(jitrig) after an installation, and add_subdirectory() or
# FetchContent without one. Which targets there are says cmake/jitrigConfig.cmake.in.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(JITRIG_PACKAGE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/jitrig")

# What rooms link with, as <target> = <Debian package> <arguments of find_package>.
set(JITRIG_FIND_fmt::fmt libfmt-dev fmt)
set(JITRIG_FIND_Boost::context libboost-context-dev Boost COMPONENTS context)
set(JITRIG_FIND_OpenSSL::SSL libssl-dev OpenSSL 3.0)
set(JITRIG_FIND_OpenSSL::Crypto libssl-dev OpenSSL 3.0)
set(JITRIG_FIND_Pcap::Pcap libpcap-dev Pcap)
set(JITRIG_FIND_yaml-cpp libyaml-cpp-dev yaml-cpp)
set(JITRIG_FIND_GTest::gmock libgmock-dev GTest)

# jitrig_package_target(<target> <name> <component> <used target>...): the target becomes jitrig::<name>. Its
# component's users are told what else they need.
function(jitrig_package_target target name component)
  add_library(jitrig::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  if(NOT JITRIG_INSTALL)
    return()
  endif()
  install(TARGETS ${target} EXPORT jitrig_${component} ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
  foreach(used IN LISTS ARGN)
    if(used MATCHES "^jitrig_")
      continue()
    endif()
    if(NOT DEFINED JITRIG_FIND_${used})
      message(FATAL_ERROR "${target} uses ${used}: tell cmake/JitrigPackage.cmake how to find it")
    endif()
    set_property(GLOBAL APPEND PROPERTY JITRIG_PACKAGE_USES_${component} "${used}")
  endforeach()
endfunction()

# jitrig_package_program(<target>): jitrig::<target>, in the component "program".
function(jitrig_package_program target)
  add_executable(jitrig::${target} ALIAS ${target})
  if(JITRIG_INSTALL)
    install(TARGETS ${target} EXPORT jitrig_program RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
  endif()
endfunction()

# jitrig_package_headers(<header>...): installs them so that they are included as in this repository. Generated
# ones, named by their whole path, go where their source folder's go.
function(jitrig_package_headers)
  if(NOT JITRIG_INSTALL)
    return()
  endif()
  file(RELATIVE_PATH folder "${PROJECT_SOURCE_DIR}" "${CMAKE_CURRENT_SOURCE_DIR}")
  foreach(header IN LISTS ARGN)
    set(subfolder "")
    if(NOT IS_ABSOLUTE "${header}")
      get_filename_component(subfolder "${header}" DIRECTORY)
    endif()
    install(FILES "${header}" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/jitrig/${folder}/${subfolder}")
  endforeach()
endfunction()

# Writes and installs the package files; after all rooms.
function(jitrig_package)
  set(JITRIG_PACKAGE_COMPONENTS protocol capture fakevm fakecompiler scenarios)
  if(JITRIG_BUILD_PROGRAM)
    list(APPEND JITRIG_PACKAGE_COMPONENTS program)
  endif()
  set(JITRIG_PACKAGE_COMPONENTS_OPTIONAL testing)

  set(JITRIG_PACKAGE_DEPENDENCIES "")
  foreach(component IN LISTS JITRIG_PACKAGE_COMPONENTS JITRIG_PACKAGE_COMPONENTS_OPTIONAL)
    get_property(uses GLOBAL PROPERTY JITRIG_PACKAGE_USES_${component})
    set(dependencies "")
    foreach(used IN LISTS uses)
      list(JOIN JITRIG_FIND_${used} " " arguments)
      list(APPEND dependencies "      jitrig_find_dependency(${component} ${arguments})\n")
    endforeach()
    list(REMOVE_DUPLICATES dependencies)
    list(JOIN dependencies "" dependencies)
    if(dependencies)
      string(APPEND JITRIG_PACKAGE_DEPENDENCIES
        "    if(jitrig_component STREQUAL \"${component}\")\n${dependencies}    endif()\n")
    endif()
    install(EXPORT jitrig_${component} NAMESPACE jitrig:: FILE jitrig_${component}_targets.cmake
      DESTINATION "${JITRIG_PACKAGE_DIR}")
  endforeach()

  configure_package_config_file(cmake/jitrigConfig.cmake.in "${PROJECT_BINARY_DIR}/package/jitrigConfig.cmake"
    INSTALL_DESTINATION "${JITRIG_PACKAGE_DIR}" NO_SET_AND_CHECK_MACRO)
  write_basic_package_version_file("${PROJECT_BINARY_DIR}/package/jitrigConfigVersion.cmake"
    COMPATIBILITY SameMinorVersion)
  install(FILES
    "${PROJECT_BINARY_DIR}/package/jitrigConfig.cmake"
    "${PROJECT_BINARY_DIR}/package/jitrigConfigVersion.cmake"
    cmake/FindPcap.cmake
    DESTINATION "${JITRIG_PACKAGE_DIR}")
endfunction()
