#pragma once

#include "scenarios/checkers/checker.h"

namespace jitrig {

/// Each is defined in the file of its name.
extern const Checker kActivation;
extern const Checker kAOTCache;
extern const Checker kAOTMap;
extern const Checker kAgreement;
extern const Checker kAlternation;
extern const Checker kAttempts;
extern const Checker kCauses;
extern const Checker kClassUnloading;
extern const Checker kCheckpoints;
extern const Checker kClassChanges;
extern const Checker kDelivery;
extern const Checker kEndedOnce;
extern const Checker kFarewells;
extern const Checker kFinalMessages;
extern const Checker kFreshClient;
extern const Checker kGoodbyes;
extern const Checker kJitDumps;
extern const Checker kLeaks;
extern const Checker kOwnReplies;
extern const Checker kProgress;
extern const Checker kQueueOrder;
extern const Checker kRequestOrder;
extern const Checker kResults;
extern const Checker kScripts;
extern const Checker kSequenceNumbers;
extern const Checker kServerStates;
extern const Checker kSessions;
extern const Checker kStatistics;
extern const Checker kStreamEnds;
extern const Checker kVersions;
extern const Checker kWireForm;
extern const Checker kWorld;

}  // namespace jitrig
