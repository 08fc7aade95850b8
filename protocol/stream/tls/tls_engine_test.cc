#include "protocol/stream/tls/tls_engine.h"

#include "protocol/stream/tls/tls_test.h"

namespace jitrig {
namespace {

/// Two engines that talk in memory.
class TlsEngineTest : public TlsTest {
 protected:
  struct Engines {
    std::unique_ptr<TlsEngine> client;
    std::unique_ptr<TlsEngine> server;
  };

  static Engines established(Runtime& runtime) {
    const TlsEnds contexts = testContexts(runtime);
    Engines engines{
        valueOrThrow(TlsEngine::make(std::static_pointer_cast<OpenSslContext>(contexts.client), "localhost")),
        valueOrThrow(TlsEngine::make(std::static_pointer_cast<OpenSslContext>(contexts.server), ""))};
    bool done = false;
    while (!done) {
      valueOrThrow(engines.client->handshake());
      pass(*engines.client, *engines.server);
      done = valueOrThrow(engines.server->handshake());
      pass(*engines.server, *engines.client);
    }
    std::array<std::byte, 100> none{};
    EXPECT_EQ(valueOrThrow(engines.client->decrypt(none)), 0U);  // the tickets
    return engines;
  }

  static void pass(TlsEngine& from, TlsEngine& to) {
    const std::vector<std::byte> records = from.takeOutput();
    to.feed(records);
    to.keepInput();
  }

  static std::vector<std::byte> encrypted(TlsEngine& engine, std::string_view text) {
    valueOrThrow(engine.encrypt(std::as_bytes(std::span(text))));
    return engine.takeOutput();
  }

  /// Feeds and reads.
  static std::string decrypted(TlsEngine& engine, std::span<const std::byte> records, std::size_t size) {
    if (!records.empty()) engine.feed(records);
    std::string text(size, '\0');
    text.resize(valueOrThrow(engine.decrypt(std::as_writable_bytes(std::span(text)))));
    engine.keepInput();
    return text;
  }
};
JITRIG_TLS_IN_EVERY_RUNTIME(TlsEngineTest);

TEST_P(TlsEngineTest, APartOfARecordIsNotHeld) {
  run([](Runtime& runtime) {
    const Engines engines = established(runtime);
    const auto record = encrypted(*engines.client, "a message");
    for (std::size_t i = 0; i + 1 < record.size(); ++i) {
      EXPECT_EQ(decrypted(*engines.server, std::span(record).subspan(i, 1), 100), "");
      EXPECT_EQ(engines.server->held(), 0U) << "or a parked stream would be read in vain";
      EXPECT_TRUE(engines.server->insideRecord());
    }
    EXPECT_EQ(decrypted(*engines.server, std::span(record).last(1), 100), "a message");
    EXPECT_FALSE(engines.server->insideRecord());
    EXPECT_EQ(engines.server->held(), 0U);
  });
}

TEST_P(TlsEngineTest, AWholeRecordBehindTheOneThatWasReadIsHeld) {
  run([](Runtime& runtime) {
    const Engines engines = established(runtime);
    auto records = encrypted(*engines.client, "first");
    const auto second = encrypted(*engines.client, "second");
    const auto third = encrypted(*engines.client, "third");
    records.insert(records.end(), second.begin(), second.end());
    records.insert(records.end(), third.begin(), third.begin() + 7);
    EXPECT_EQ(decrypted(*engines.server, records, 5), "first");
    EXPECT_GE(engines.server->held(), 6U) << "or a parked stream would sleep on it";
    EXPECT_EQ(decrypted(*engines.server, {}, 2), "se");
    EXPECT_GE(engines.server->held(), 4U);
    EXPECT_EQ(decrypted(*engines.server, {}, 100), "cond");
    EXPECT_EQ(engines.server->held(), 0U) << "the third is not complete";
    EXPECT_EQ(decrypted(*engines.server, std::span(third).subspan(7), 100), "third");
  });
}

TEST_P(TlsEngineTest, AReadTakesAllRecordsForWhichThereIsRoom) {
  run([](Runtime& runtime) {
    const Engines engines = established(runtime);
    auto records = encrypted(*engines.client, "first ");
    const auto second = encrypted(*engines.client, "second");
    records.insert(records.end(), second.begin(), second.end());
    EXPECT_EQ(decrypted(*engines.server, records, 100), "first second");
    EXPECT_EQ(engines.server->held(), 0U);
  });
}

TEST_P(TlsEngineTest, TheEndBehindAMessageIsHeldUntilItIsRead) {
  run([](Runtime& runtime) {
    const Engines engines = established(runtime);
    auto records = encrypted(*engines.client, "last");
    engines.client->closeNotify();
    const auto goodbye = engines.client->takeOutput();
    records.insert(records.end(), goodbye.begin(), goodbye.end());
    EXPECT_EQ(decrypted(*engines.server, records, 4), "last");
    EXPECT_EQ(engines.server->held(), 1U);
    std::array<std::byte, 4> buffer{};
    EXPECT_EQ(engines.server->decrypt(buffer).error().code, NetErrc::endOfFile);
  });
}

TEST_P(TlsEngineTest, ADamagedRecordBehindAMessageIsReportedAfterIt) {
  run([](Runtime& runtime) {
    const Engines engines = established(runtime);
    auto records = encrypted(*engines.client, "good");
    const auto second = encrypted(*engines.client, "bad");
    records.insert(records.end(), second.begin(), second.end());
    records.back() ^= std::byte{1};
    EXPECT_EQ(decrypted(*engines.server, records, 100), "good");
    EXPECT_EQ(engines.server->held(), 1U);
    std::array<std::byte, 4> buffer{};
    EXPECT_EQ(engines.server->decrypt(buffer).error().code, NetErrc::tls);
    EXPECT_EQ(engines.server->decrypt(buffer).error().code, NetErrc::tls) << "every time";
  });
}

TEST_P(TlsEngineTest, AnErrorOfOneSessionDoesNotTouchAnother) {
  // OpenSSL's error queue is the thread's: what one session leaves there must not be taken for another's.
  run([](Runtime& runtime) {
    const Engines broken = established(runtime);
    const Engines sound = established(runtime);
    auto record = encrypted(*broken.client, "bad");
    record.back() ^= std::byte{1};
    broken.server->feed(record);
    std::array<std::byte, 10> buffer{};
    EXPECT_FALSE(broken.server->decrypt(buffer).has_value());
    const auto half = encrypted(*sound.client, "sound");
    EXPECT_EQ(decrypted(*sound.server, std::span(half).first(9), 100), "");
    EXPECT_EQ(decrypted(*sound.server, std::span(half).subspan(9), 100), "sound");
  });
}

TEST(RecordPositionTest, KnowsWhereARecordEnds) {
  const std::array<unsigned char, 11> bytes{23, 3, 3, 0, 2, 'a', 'b', 23, 3, 3, 0};
  RecordPosition position;
  const auto all = std::as_bytes(std::span(bytes));
  for (std::size_t i = 0; i < all.size(); ++i) {
    position.advance(all.subspan(i, 1));
    EXPECT_EQ(position.insideRecord(), i != 6) << i;
  }
  RecordPosition at_once;
  at_once.advance(all.first(7));
  EXPECT_FALSE(at_once.insideRecord());
  const std::array<unsigned char, 5> empty{23, 3, 3, 0, 0};
  at_once.advance(std::as_bytes(std::span(empty)));
  EXPECT_FALSE(at_once.insideRecord());
}

}  // namespace
}  // namespace jitrig
