// Errors of who writes faults down.

#include <algorithm>
#include <functional>
#include <map>

#include "scenarios/fault/fault_action.h"
#include "scenarios/fault/fault_place.h"
#include "scenarios/fault/fault_set.h"
#include "scenarios/fault/fault_test_support.h"

namespace jitrig::test {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

/// As the sentences of faultPlaces() say: 16 bytes of header, 8 of a descriptor.
TEST(FaultPlaceTest, IsWhereItsSentenceSays) {
  struct Case {
    std::string name;
    std::size_t size;
    std::size_t offset;
    FaultUnit unit = FaultUnit::message;
  };
  for (const Case& place :
       std::vector<Case>{{"before_message", 100, 0},
                         {"inside_size", 100, 2},
                         {"inside_header", 100, 9},
                         {"inside_descriptor", 100, 19},
                         {"inside_payload", 100, 62},
                         {"inside_payload", 25, 24},
                         {"last_byte_missing", 100, 99},
                         {"after_message", 100, 100},
                         {"at_byte", 100, 30},
                         // Without data points there is no such place: the last byte is next.
                         {"inside_descriptor", 16, 15},
                         {"inside_payload", 16, 15},
                         {"inside_payload", 24, 23},
                         {"inside_size", 50, 4, FaultUnit::tlsRecord},
                         {"inside_header", 50, 2, FaultUnit::tlsRecord},
                         {"inside_descriptor", 50, 8, FaultUnit::tlsRecord},
                         {"inside_payload", 50, 27, FaultUnit::tlsRecord},
                         {"last_byte_missing", 50, 49, FaultUnit::tlsRecord},
                         {"after_message", 50, 50, FaultUnit::tlsRecord}}) {
    EXPECT_EQ(offsetOf(parseFaultPlace(place.name).value(), 30, place.size, place.unit), place.offset)
        << place.name << " of " << place.size;
  }
  EXPECT_EQ(offsetOf(FaultPlace::atByte, 100, 100, FaultUnit::message), 100U);
  EXPECT_EQ(offsetOf(FaultPlace::atByte, 101, 100, FaultUnit::message), std::nullopt);
}

TEST(FaultCheckTest, SaysWhatIsWrongAndWhatWasExpected) {
  struct Case {
    FaultSpec spec;
    std::vector<std::string> words;
  };
  const auto with = [](std::string action, std::map<std::string, std::string> parameters) {
    return faultOf(std::move(action), FaultPlace::beforeMessage, std::move(parameters));
  };
  const auto when = [](std::string action, const std::function<void(FaultTrigger&)>& change) {
    FaultSpec spec = faultOf(std::move(action));
    change(spec.trigger);
    return spec;
  };
  const std::vector<Case> cases{
      {with("stal", {}), {"'stal': no such action; did you mean stall"}},
      {with("qqqqqqqqq", {}), {"no such action, expected close, half_close"}},
      {with("stall", {{"duration", "3"}}),
       {"'duration': no such parameter, expected duration_ms", "did you mean duration_ms?"}},
      {with("close", {{"hard", "1"}}), {"'hard': it has no parameters"}},
      {with("stall", {{"duration_ms", "-1"}}), {"duration_ms: '-1': expected a number from 0 to 86400000"}},
      {with("stall", {{"duration_ms", "soon"}}), {"duration_ms: 'soon': expected a number"}},
      {with("stall", {{"duration_ms", "3s"}}), {"duration_ms: '3s'"}},
      {with("stall", {{"duration_ms", "0x"}}), {"duration_ms: '0x'"}},
      {with("stall", {{"duration_ms", "99999999999999999999"}}), {"expected a number"}},
      {with("slice", {{"size_bytes", "0"}}), {"from 1 to 65536"}},
      {with("truncate", {{"then", "halfclose"}}),
       {"then: 'halfclose': expected one of close, half_close", "did you mean close, half_close?"}},
      {with("rewrite", {{"type", "compilationReqest"}}),
       {"type: 'compilationReqest'", "did you mean compilationRequest"}},
      {with("rewrite", {{"type", "70000"}}), {"expected the name of a message type or its number"}},
      {with("rewrite", {{"values", "int33(1)"}}), {"values: 'int33(1)':"}},
      {with("insert", {{"values", "int32("}}), {"values: 'int32(':"}},
      {when("drop", [](FaultTrigger& t) { t.message = 0; }), {"message: 0: expected a number from 1"}},
      {when("drop", [](FaultTrigger& t) { t.connection = 0; }), {"connection: 0"}},
      {when("drop", [](FaultTrigger& t) { t.probability_ppm = 1'000'001; }),
       {"probability_ppm: 1000001: expected at most 1000000"}},
      {when("drop", [](FaultTrigger& t) { t.not_before_ms = 2, t.not_after_ms = 1; }),
       {"not_after_ms: 1: expected no less than not_before_ms, 2"}},
      {when("drop", [](FaultTrigger& t) { t.byte = 3; }),
       {"byte: 3: goes with place at_byte, not with before_message"}},
      {when("tls_close", [](FaultTrigger& t) { t.compilation = 2; }), {"tls_close works below TLS"}},
      {when("tls_wrong_certificate", [](FaultTrigger& t) { t.type = 2; }),
       {"tls_wrong_certificate happens as a connection comes about"}},
  };
  for (const Case& wrong : cases) {
    const auto checked = checkFault(wrong.spec, *headDialect());
    ASSERT_FALSE(checked) << wrong.words[0];
    for (const std::string& words : wrong.words) EXPECT_THAT(checked.error(), HasSubstr(words));
  }
}

TEST(FaultCheckTest, MakeSaysWhichFaultIsMeant) {
  simulate([](Runtime& runtime) {
    const auto made = FaultSet::make(runtime, headDialect(), {faultOf("drop"), faultOf("dropp")});
    ASSERT_FALSE(made);
    EXPECT_THAT(made.error(), HasSubstr("fault 2 (dropp): 'dropp': no such action; did you mean drop"));
  });
}

TEST(FaultActionTest, EachHasASentenceAndGoodDefaults) {
  std::vector<std::string_view> names;
  EXPECT_THAT(faultActions(), SizeIs(30));
  for (const FaultAction* action : faultActions()) {
    EXPECT_TRUE(std::ranges::find(names, action->name) == names.end()) << action->name;
    names.push_back(action->name);
    EXPECT_EQ(findFaultAction(action->name), action);
    EXPECT_TRUE(action->sentence.ends_with('.')) << action->name;
    EXPECT_FALSE(action->only_delays && action->alters_bytes) << action->name;
    EXPECT_TRUE(checkFault(faultOf(std::string(action->name)), *headDialect())) << action->name;
    for (const FaultParameter& parameter : action->parameters) {
      EXPECT_FALSE(parameter.sentence.empty()) << action->name << " " << parameter.name;
      EXPECT_LE(parameter.min, parameter.max) << action->name << " " << parameter.name;
      if (parameter.default_value.empty()) {
        EXPECT_THAT(parameter.sentence, HasSubstr("not given: "));
      }
    }
  }
}

}  // namespace
}  // namespace jitrig::test
