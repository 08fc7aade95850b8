#include "protocol/catalogue/data_point_fit.h"

#include <gtest/gtest.h>

#include "protocol/catalogue/catalogue.h"

namespace jitrig {
namespace {

std::vector<WireType> wireTypesOf(std::string_view text) {
  const auto type = WireType::parse("tuple<" + std::string(text) + ">");
  if (!type) throw std::runtime_error(type.error());
  return type->elements;
}

std::string misfit(const std::vector<Value>& values, std::string_view type_text) {
  const auto found = checkDataPoints(values, wireTypesOf(type_text));
  return found ? toString(*found) : "";
}

Value object(std::size_t size) {
  return Value::Object{std::vector<std::byte>(size)};
}
Value simple(std::uint8_t element_size, std::size_t count) {
  return Value::SimpleVector{element_size, std::vector<std::byte>(element_size * count)};
}

TEST(DataPointFitTest, DataPointsOfTheRightTypesFit) {
  EXPECT_EQ(misfit({std::int32_t{1}, std::int64_t{1}, std::uint32_t{1}, std::uint64_t{1}, true,
                    Value::String{"x"}, object(12)},
                   "int32, int64, uint32, uint64, bool, string, object(12)"),
            "");
}

TEST(DataPointFitTest, EachKindRefusesEveryOther) {
  const std::vector<std::pair<const char*, Value>> kinds{{"int32", std::int32_t{0}},
                                                         {"int64", std::int64_t{0}},
                                                         {"uint32", std::uint32_t{0}},
                                                         {"uint64", std::uint64_t{0}},
                                                         {"bool", false},
                                                         {"string", Value::String{}},
                                                         {"object(4)", object(4)},
                                                         {"vector<string>", Value::Vector{{Value::String{}}}},
                                                         {"tuple<string>", Value::Tuple{{Value::String{}}}}};
  for (const auto& [type, own] : kinds) {
    for (const auto& [other_type, value] : kinds) {
      EXPECT_EQ(misfit({value}, type).empty(), std::string_view(type) == other_type)
          << type << ", " << other_type;
    }
  }
}

TEST(DataPointFitTest, WrongNumberOfDataPoints) {
  EXPECT_EQ(misfit({}, "int32, bool"), "expected 2 data points, found 0");
  EXPECT_EQ(misfit({true, true, true}, "bool"), "expected 1 data points, found 3");
  EXPECT_EQ(checkDataPoints(std::span<const Value>{}, {}), std::nullopt);
}

TEST(DataPointFitTest, MisfitNamesThePlaceInside) {
  const Value good = Value::Tuple{{object(96), simple(24, 2)}};
  const Value bad = Value::Tuple{{object(104), simple(24, 2)}};
  EXPECT_EQ(
      misfit({true, Value::Vector{{good, good, bad}}}, "bool, vector<tuple<object(96), vector<object(24)>>>"),
      "data point 1[2][0]: expected object(96), found object(104)");
  EXPECT_EQ(misfit({Value::Tuple{{true}}}, "tuple<bool, bool>"),
            "data point 0: expected tuple<bool, bool>, found a tuple of 1 data points");
}

TEST(DataPointFitTest, EmptyVectorFitsEveryVectorAndNothingElse) {
  for (const char* type : {"vector<int32>", "vector<string>", "vector<tuple<bool>>", "vector<object(300)>"}) {
    EXPECT_EQ(misfit({Value::EmptyVector{}}, type), "") << type;
    EXPECT_EQ(misfit({Value::Vector{}}, type), "") << type;
  }
  EXPECT_EQ(misfit({Value::EmptyVector{}}, "string"), "data point 0: expected string, found an empty vector");
}

TEST(DataPointFitTest, SimpleVectorsCompareTheElementSize) {
  EXPECT_EQ(misfit({simple(4, 3)}, "vector<int32>"), "");
  EXPECT_EQ(misfit({simple(8, 3)}, "vector<uint64>"), "");
  EXPECT_EQ(misfit({simple(255, 1)}, "vector<object(255)>"), "");
  EXPECT_EQ(misfit({simple(8, 3)}, "vector<int32>"),
            "data point 0: expected vector<int32>, found a simple vector of 8-byte elements");
  EXPECT_NE(misfit({simple(1, 3)}, "vector<string>"), "");
  EXPECT_NE(misfit({simple(4, 3)}, "vector<object(260)>"), "");
}

TEST(DataPointFitTest, VectorOfElementsFitsWhereASimpleOneWould) {
  EXPECT_EQ(misfit({Value::Vector{{std::int32_t{1}, std::int32_t{2}}}}, "vector<int32>"), "");
  EXPECT_EQ(misfit({Value::Vector{{object(8), object(4)}}}, "vector<object(8)>"),
            "data point 0[1]: expected object(8), found object(4)");
}

TEST(DataPointFitTest, DefaultsAreZero) {
  EXPECT_EQ(defaultValues(wireTypesOf("int32, bool, string, object(3), vector<bool>, tuple<uint64, string>")),
            (std::vector<Value>{std::int32_t{0}, false, Value::String{}, object(3), Value::EmptyVector{},
                                Value::Tuple{{std::uint64_t{0}, Value::String{}}}}));
}

TEST(DataPointFitTest, DefaultsFitTheirTypesAlsoAfterTheWire) {
  const auto head = Catalogue::builtIn().defaultTable();
  std::size_t checked = 0;
  for (const MessageType& type : head->types()) {
    for (const auto& points : {type.request, type.reply}) {
      if (!points || points->empty()) continue;
      Message message(type.number);
      addValues(message, defaultValues(*points));
      const auto parsed = Message::parse(message.serialize(), {{}, head->bodylessTypes()});
      ASSERT_TRUE(parsed) << type.name;
      EXPECT_EQ(checkDataPoints(toValues(*parsed), *points), std::nullopt) << type.name;
      ++checked;
    }
  }
  EXPECT_GT(checked, 400U);
}

TEST(DataPointFitTest, MessagesAreJudgedAsTheirValuesAre) {
  const auto head = Catalogue::builtIn().defaultTable();
  std::size_t misfits = 0;
  const std::vector<WireType>* previous = nullptr;
  for (const MessageType& type : head->types()) {
    for (const auto& points : {type.request, type.reply}) {
      if (!points || points->empty()) continue;
      Message message(type.number);
      addValues(message, defaultValues(*points));
      const auto parsed = Message::parse(message.serialize(), {{}, head->bodylessTypes()});
      ASSERT_TRUE(parsed) << type.name;
      EXPECT_EQ(checkDataPoints(*parsed, *points), std::nullopt) << type.name;
    }
    const std::vector<WireType>* before = previous;
    if (type.request) previous = &*type.request;
    if (before != nullptr && type.request) {
      Message message(type.number);
      addValues(message, defaultValues(*before));
      const auto by_values = checkDataPoints(defaultValues(*before), *type.request);
      const auto by_message = checkDataPoints(message, *type.request);
      ASSERT_EQ(by_message.has_value(), by_values.has_value()) << type.name;
      if (!by_values) continue;
      EXPECT_EQ(toString(*by_message), toString(*by_values)) << type.name;
      ++misfits;
    }
  }
  EXPECT_GT(misfits, 100U);
  Message nested(std::uint16_t{1});
  addValues(nested, std::vector<Value>{Value::Vector{{Value::Tuple{{std::int32_t{1}, true}}}}});
  EXPECT_EQ(checkDataPoints(nested, wireTypesOf("vector<tuple<int32, bool>>")), std::nullopt);
  EXPECT_EQ(toString(checkDataPoints(nested, wireTypesOf("vector<tuple<int32, string>>")).value()),
            "data point 0[0][1]: expected string, found bool");
  EXPECT_TRUE(checkDataPoints(nested, wireTypesOf("vector<tuple<int32>>")));
  EXPECT_TRUE(checkDataPoints(nested, wireTypesOf("vector<tuple<int32, bool, bool>>")));
}

}  // namespace
}  // namespace jitrig
