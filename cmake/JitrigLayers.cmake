# The house's order, tested: which room may include which (cmake/include_layers.py holds the table).
add_test(NAME layers.includes
  COMMAND "${JITRIG_PYTHON}" "${PROJECT_SOURCE_DIR}/cmake/include_layers.py" "${PROJECT_SOURCE_DIR}")
add_test(NAME layers.self_test
  COMMAND "${JITRIG_PYTHON}" "${PROJECT_SOURCE_DIR}/cmake/include_layers_test.py")
set_tests_properties(layers.includes layers.self_test PROPERTIES
  LABELS layers ENVIRONMENT PYTHONDONTWRITEBYTECODE=1 TIMEOUT ${JITRIG_TEST_TIMEOUT_S})
