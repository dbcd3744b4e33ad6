#include "daemon/notice/notice_text.hpp"

#include "daemon/runtime/utf8.hpp"
#include "tests/catch.hpp"
#include "tests/notice/notice_world.hpp"

namespace penstock::notice {
namespace {

core::Notify saying(std::string text) {
  auto command = reminder();
  command.text = std::move(text);
  return command;
}

}  // namespace

TEST_CASE("a text that fits is told as it is") {
  CHECK(text_told(saying(std::string(longest_text, 'a'))) == std::string(longest_text, 'a'));
  CHECK(text_told(saying("")).empty());
}

TEST_CASE("a text that is too long is cut, and says so and where the whole is") {
  const auto told = text_told(saying(std::string(longest_text + 1, 'a')));
  CHECK(told.size() == longest_text);
  CHECK(told.find("aaaa … (cut: 2001 bytes in all; the whole text is in Penstock's log, notice.due with the key "
                  "notify/fraud/production/1; see also /v1/promotions/prm_1/explanation)") != std::string::npos);
}

TEST_CASE("a text is cut between characters, and stays bounded whatever the lane is called") {
  for (const auto* letter : {"ä", "€", "𝄞"})
    for (std::size_t shift = 0; shift < 4; ++shift) {
      std::string text(shift, 'a');
      while (text.size() < 3 * longest_text) text += letter;
      auto command = saying(std::move(text));
      command.promotion.clear();
      command.lane.model = std::string(shift, 'm');
      while (command.lane.model.size() < 5000) command.lane.model += letter;
      const auto told = text_told(command);
      CHECK(runtime::is_utf8(told));
      CHECK(told.size() <= longest_text);
      CHECK(told.size() > longest_text - 8);
    }
}

TEST_CASE("an endpoint is told the cut text") {
  NoticeReceiver chat("chat");
  NoticeWorld world({chat.endpoint()});
  world.journal_notice(saying(std::string(5000, 'a')));
  world.start();
  world.run_until([&] { return world.is_settled(); });
  REQUIRE(chat.count() == 1);
  const auto body = nlohmann::json::parse(NoticeReceiver::body(chat.requests().front()));
  const auto text = body["data"]["text"].get<std::string>();
  CHECK(text.size() == longest_text);
  CHECK(text.find("(cut: 5000 bytes in all") != std::string::npos);
}

}  // namespace penstock::notice
